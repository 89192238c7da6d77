// store_server - a small store on 127.0.0.1: one thread, values in blocks of their
// own, and a state for each connection that goes with it.
//
//   store_server PORT [parts]
//
// A key and its value are one block, which a write replaces. With `parts` the value
// is a block of its own, and the key's stays where the first write put it.
//
// Exit codes: 0 SIGTERM, 1 cannot listen, 2 out of descriptors.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <memory_resource>
#include <string_view>
#include <vector>

#include "store/key_table.hpp"
#include "store/protocol.hpp"
#include "store/work.hpp"

namespace {

using store::operation;
using store::request;

constexpr std::size_t read_bytes = 4096;
constexpr std::size_t events_at_once = 64;

std::unique_ptr<store::key_table> keys;

struct connection {
  int socket;
  std::vector<char> received;
  std::vector<std::unique_ptr<char[]>> temporaries;
};

void answer(const connection& to, const char* bytes, std::size_t size) {
  while (size > 0) {
    const ssize_t sent = send(to.socket, bytes, size, MSG_NOSIGNAL);
    if (sent <= 0) return;
    bytes += sent;
    size -= static_cast<std::size_t>(sent);
  }
}

void hold(connection& by, const char* bytes, std::size_t size) {
  by.temporaries.push_back(std::make_unique_for_overwrite<char[]>(size));
  std::memcpy(by.temporaries.back().get(), bytes, size);
}

void serve(connection& from, const request& wanted, const char* bytes) {
  switch (wanted.what) {
    case operation::put:
      return keys->put(wanted.key, {bytes, wanted.size_bytes}, *std::pmr::new_delete_resource());
    case operation::temporary:
      return hold(from, bytes, wanted.size_bytes);
    case operation::get: {
      const std::string_view found = keys->get(wanted.key);
      return answer(from, found.data(), found.size());
    }
    case operation::mark:
      return answer(from, reinterpret_cast<const char*>(&wanted.key), sizeof wanted.key);
  }
}

/// Serves all requests that are there as a whole.
void serve_received(connection& from) {
  std::size_t done = 0;
  const std::vector<char>& all = from.received;
  request wanted{};
  while (all.size() - done >= sizeof wanted) {
    std::memcpy(&wanted, all.data() + done, sizeof wanted);
    const bool has_value = wanted.what == operation::put || wanted.what == operation::temporary;
    const std::size_t whole = sizeof wanted + (has_value ? wanted.size_bytes : 0);
    if (all.size() - done < whole) break;
    serve(from, wanted, all.data() + done + sizeof wanted);
    done += whole;
  }
  from.received.erase(from.received.begin(),
                      from.received.begin() + static_cast<std::ptrdiff_t>(done));
}

/// False once the client has closed.
bool receive(connection& from) {
  const std::size_t before = from.received.size();
  from.received.resize(before + read_bytes);
  const ssize_t count = read(from.socket, from.received.data() + before, read_bytes);
  from.received.resize(before + static_cast<std::size_t>(count > 0 ? count : 0));
  if (count > 0) serve_received(from);
  return count > 0;
}

int listen_on(const char* port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(std::atoi(port)));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const auto* const any = reinterpret_cast<const sockaddr*>(&address);
  if (bind(listener, any, sizeof address) != 0 || listen(listener, 1024) != 0) return -1;
  return listener;
}

void watch(int epoll, int socket, void* what) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.ptr = what;
  epoll_ctl(epoll, EPOLL_CTL_ADD, socket, &event);
}

int serve_for_ever(int listener) {
  const int epoll = epoll_create1(EPOLL_CLOEXEC);
  watch(epoll, listener, nullptr);
  std::vector<epoll_event> events(events_at_once);
  for (;;) {
    const int count = epoll_wait(epoll, events.data(), events_at_once, -1);
    for (int i = 0; i < count; ++i) {
      auto* const from = static_cast<connection*>(events[static_cast<std::size_t>(i)].data.ptr);
      if (from == nullptr) {
        const int socket = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
        if (socket < 0) return 2;
        watch(epoll, socket, new connection{socket, {}, {}});
      } else if (!receive(*from)) {
        const int socket = from->socket;
        delete from;
        close(socket);
      }
    }
  }
}

}  // namespace

int main(int count, char** arguments) {
  std::signal(SIGTERM, [](int) { std::_Exit(0); });
  using store::key_table;
  const bool has_parts = count == 3 && std::strcmp(arguments[2], "parts") == 0;
  keys =
      std::make_unique<key_table>(has_parts ? key_table::layout::parts : key_table::layout::whole);
  const int listener = count >= 2 ? listen_on(arguments[1]) : -1;
  return listener < 0 ? 1 : serve_for_ever(listener);
}
