// threads.cpp - a thread for each connection, with an arena that is its own.
//
//   threads PORT
//
// Sorts: a client sends lines and then an empty one, and gets them back in order, as often
// as it likes. A connarena::arena is for one thread at a time, and has no atomic
// instruction on its path. It is a local variable of the thread: whatever way the connection
// ends, its memory goes with it, and nobody walks through what is in there.
#include <connarena/arena.hpp>
#include <unistd.h>

#include <algorithm>
#include <memory_resource>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "listen.h"

namespace {

// One client cannot take the memory of all others.
constexpr std::size_t most_bytes_of_a_client = std::size_t{8} << 20;

/// What a client sends, line by line.
class line_reader {
 public:
  line_reader(int socket, std::pmr::memory_resource* memory) : socket_(socket), received_(memory) {}

  /// False at the end of the connection. The line is valid until the next call.
  bool next(std::string_view& line) {
    received_.erase(0, used_);
    used_ = 0;
    std::size_t end = received_.find('\n');
    while (end == std::string_view::npos) {
      const std::size_t searched = received_.size();
      if (!receive()) return false;
      end = received_.find('\n', searched);
    }
    used_ = end + 1;
    line = std::string_view(received_).substr(0, end);
    return true;
  }

 private:
  bool receive() {
    char part[4096];
    const ssize_t bytes = read(socket_, part, sizeof part);
    if (bytes > 0) received_.append(part, static_cast<std::size_t>(bytes));
    return bytes > 0;
  }

  int socket_;
  std::pmr::string received_;
  std::size_t used_ = 0;
};

bool send_all(int socket, std::string_view text) {
  while (!text.empty()) {
    const ssize_t bytes = send(socket, text.data(), text.size(), MSG_NOSIGNAL);
    if (bytes <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(bytes));
  }
  return true;
}

/// One request: lines up to an empty one, and their answer.
bool answer_one(int socket, line_reader& lines, std::pmr::memory_resource* memory) {
  // A vector of the arena gives its strings the same arena.
  std::pmr::vector<std::pmr::string> received(memory);
  std::string_view line;
  while (true) {
    if (!lines.next(line)) return false;
    if (line.empty()) break;
    received.emplace_back(line);
  }
  std::sort(received.begin(), received.end());
  std::pmr::string reply(memory);
  for (const std::pmr::string& each : received) (reply += each) += '\n';
  return send_all(socket, reply);
}

void serve(int socket) {
  connarena::arena memory({.limit_bytes = most_bytes_of_a_client, .name = "sorting"});
  try {
    line_reader lines(socket, &memory);
    while (answer_one(socket, lines, &memory)) {
    }
  } catch (const connarena::arena_limit_exceeded&) {
    // Ordinary containers throw it, as they throw std::bad_alloc. This client is served no
    // more; the others do not notice.
    send_all(socket, "too much\n");
  }
  close(socket);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const int listener = listen_on(argv[1]);
  while (true) {
    const int socket = accept(listener, nullptr, nullptr);
    if (socket >= 0) std::thread(serve, socket).detach();
  }
}
