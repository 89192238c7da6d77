// store_load - starts a store, lets connections leave small keys in it, closes
// them, lets others read and rewrite the keys, and prints what the store occupies.
//
//   store_load CONNECTIONS LAYOUT PROGRAM [NAME=VALUE...]
//
// PROGRAM is the store server, run with the layout, `whole` or `parts`, and with
// those settings in its environment. Prints "before open closed rewritten live", in
// bytes: resident memory of the store before the first connection, with all of them
// open, once it has settled after they closed, and after others have rewritten the
// keys; then the bytes of the values.
//
// Exit codes: 0, 1 something failed, which is said.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "store/protocol.hpp"
#include "store/work.hpp"

namespace {

using namespace std::chrono_literals;
using store::operation;
using store::request;

constexpr std::uint32_t other_connections = 100;
// Long enough for a store that returns memory once it is idle.
// What is idle may take a second to go.
constexpr auto settling_time = 1100ms;
constexpr unsigned long settled_within_bytes = 256 * 1024;
constexpr int patience_ms = 30000;

[[noreturn]] void fail(const std::string& why) { throw std::runtime_error(why); }

class client {
 public:
  explicit client(int port) : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    is_connected_ =
        connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }
  client(client&& from) noexcept : socket_(from.socket_), is_connected_(from.is_connected_) {
    from.socket_ = -1;
  }
  client(const client&) = delete;
  client& operator=(const client&) = delete;
  ~client() {
    if (socket_ >= 0) close(socket_);
  }
  [[nodiscard]] bool is_connected() const { return is_connected_; }

  void ask(operation what, std::uint32_t key, std::uint32_t size_bytes) {
    const request wanted{what, key, size_bytes};
    asked_.append(reinterpret_cast<const char*>(&wanted), sizeof wanted);
  }
  void put(std::uint32_t key, std::uint32_t version) {
    const std::uint32_t size_bytes = store::value_bytes(key, version);
    ask(operation::put, key, size_bytes);
    asked_.append(size_bytes, store::content(key, version));
  }
  void hold(std::uint32_t number) {
    const std::uint32_t size_bytes = store::temporary_bytes(number);
    ask(operation::temporary, number, size_bytes);
    asked_.append(size_bytes, 't');
  }
  void send_asked() {
    for (std::size_t sent = 0; sent < asked_.size();) {
      const ssize_t count = send(socket_, asked_.data() + sent, asked_.size() - sent, MSG_NOSIGNAL);
      if (count <= 0) fail("the store closed a connection");
      sent += static_cast<std::size_t>(count);
    }
    asked_.clear();
  }
  [[nodiscard]] std::string receive(std::size_t bytes) const {
    std::string all(bytes, '\0');
    for (std::size_t got = 0; got < bytes;) {
      pollfd ready{socket_, POLLIN, 0};
      if (poll(&ready, 1, patience_ms) != 1) fail("the store does not answer");
      const ssize_t count = recv(socket_, all.data() + got, bytes - got, 0);
      if (count <= 0) fail("the store closed a connection");
      got += static_cast<std::size_t>(count);
    }
    return all;
  }
  /// Returns once the store has done all that was asked.
  void await_done() {
    ask(operation::mark, 1, 0);
    send_asked();
    static_cast<void>(receive(sizeof(std::uint32_t)));
  }

 private:
  int socket_;
  bool is_connected_ = false;
  std::string asked_;
};

int free_port() {
  const int probe = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (bind(probe, reinterpret_cast<sockaddr*>(&address), size) != 0) fail("no free port");
  getsockname(probe, reinterpret_cast<sockaddr*>(&address), &size);
  close(probe);
  return ntohs(address.sin_port);
}

class server {
 public:
  server(char* layout, char** arguments) : port_(free_port()) {
    std::string port = std::to_string(port_);
    char* command[] = {arguments[0], port.data(), layout, nullptr};
    char** const settings = arguments + 1;  // main's are followed by a null
    if (posix_spawn(&id_, arguments[0], nullptr, nullptr, command, settings) != 0) {
      fail(std::string("cannot start ") + arguments[0]);
    }
  }
  server(const server&) = delete;
  server& operator=(const server&) = delete;
  ~server() {
    kill(id_, SIGKILL);
    waitpid(id_, nullptr, 0);
  }

  [[nodiscard]] client connect() const {
    const auto deadline = std::chrono::steady_clock::now() + 30s;
    for (;;) {
      client made(port_);
      if (made.is_connected()) return made;
      if (std::chrono::steady_clock::now() > deadline) fail("the store does not listen");
      std::this_thread::sleep_for(5ms);
    }
  }
  [[nodiscard]] unsigned long resident_bytes() const {
    std::ifstream rollup("/proc/" + std::to_string(id_) + "/smaps_rollup");
    for (std::string word; rollup >> word;) {
      unsigned long kib = 0;
      if (word == "Rss:" && rollup >> kib) return kib * 1024;
    }
    fail("the store has ended");
  }

 private:
  int port_;
  pid_t id_ = -1;
};

client leave_keys(const server& in, std::uint32_t number) {
  client each = in.connect();
  const std::uint32_t first = number * store::keys_of_connection;
  for (std::uint32_t key = first; key < first + store::keys_of_connection; ++key) {
    each.put(key, 0);
    const std::uint32_t from = key * store::temporaries_of_key;
    for (std::uint32_t i = 0; i < store::temporaries_of_key; ++i) each.hold(from + i);
  }
  each.await_done();
  return each;
}

void rewrite_key(client& by, std::uint32_t key) {
  by.ask(operation::get, key, 0);
  by.send_asked();
  const std::string value = by.receive(store::value_bytes(key, 0));
  if (!store::has_content(value.data(), value.size(), key, 0)) fail("a value has changed");
  by.put(key, 1);
}

void rewrite_keys(const server& in, std::uint32_t key_count) {
  std::vector<client> others;
  for (std::uint32_t i = 0; i < other_connections; ++i) others.push_back(in.connect());
  for (std::uint32_t key = 0; key < key_count; ++key) rewrite_key(others[key % others.size()], key);
  for (client& each : others) each.await_done();
}

/// Others find every key as it was written last.
void check_keys(const server& in, std::uint32_t key_count) {
  client reader = in.connect();
  for (std::uint32_t key = 0; key < key_count; ++key) {
    reader.ask(operation::get, key, 0);
    reader.send_asked();
    const std::string value = reader.receive(store::value_bytes(key, 1));
    if (!store::has_content(value.data(), value.size(), key, 1)) fail("a value has changed");
  }
}

unsigned long value_bytes_in_all(std::uint32_t key_count) {
  unsigned long bytes = 0;
  for (std::uint32_t key = 0; key < key_count; ++key) bytes += store::value_bytes(key, 1);
  return bytes;
}

unsigned long settled_bytes(const server& in) {
  unsigned long before = 0;
  unsigned long now = in.resident_bytes();
  do {
    before = now;
    std::this_thread::sleep_for(settling_time);
    now = in.resident_bytes();
  } while (now + settled_within_bytes < before);
  return now;
}

void allow_descriptors() {
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
}

void spring(std::uint32_t connections, char* layout, char** program) {
  allow_descriptors();
  const std::uint32_t key_count = connections * store::keys_of_connection;
  const server in(layout, program);
  client{in.connect()}.await_done();
  const unsigned long before = settled_bytes(in);
  std::vector<client> crowd;
  for (std::uint32_t i = 0; i < connections; ++i) crowd.push_back(leave_keys(in, i));
  const unsigned long open = in.resident_bytes();
  crowd.clear();
  const unsigned long closed = settled_bytes(in);
  rewrite_keys(in, key_count);
  const unsigned long rewritten = settled_bytes(in);
  check_keys(in, key_count);
  std::printf("%lu %lu %lu %lu %lu\n", before, open, closed, rewritten,
              value_bytes_in_all(key_count));
}

}  // namespace

int main(int count, char** arguments) try {
  if (count < 4) fail("usage: store_load CONNECTIONS LAYOUT PROGRAM [NAME=VALUE...]");
  spring(static_cast<std::uint32_t>(std::strtoul(arguments[1], nullptr, 10)), arguments[2],
         arguments + 3);
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "store_load: %s\n", error.what());
  return 1;
}
