#include "loads/text_query.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <charconv>
#include <chrono>

#include "net/sockets.hpp"
#include "process/failure.hpp"

namespace demo {

text_query::text_query(int port) : socket_(connect_to(port)) {}

std::string text_query::ask(std::string_view question, std::string_view until) {
  using clock = std::chrono::steady_clock;
  const auto deadline = clock::now() + std::chrono::seconds(10);
  if (::send(socket_.get(), question.data(), question.size(), MSG_NOSIGNAL) < 0) {
    fail_by_errno("cannot ask the server");
  }
  std::string answer;
  while (answer.find(until) == std::string::npos) {
    if (clock::now() > deadline) throw failure("no answer to " + std::string(question));
    pollfd waited{socket_.get(), POLLIN, 0};
    if (::poll(&waited, 1, 100) <= 0) continue;
    char buffer[4096];
    const ssize_t size = ::recv(socket_.get(), buffer, sizeof buffer, 0);
    if (size <= 0) throw failure("no answer to " + std::string(question));
    answer.append(buffer, static_cast<std::size_t>(size));
  }
  return answer;
}

std::uint64_t number_after(std::string_view text, std::string_view label) {
  const std::size_t found = text.find(label);
  if (found == std::string_view::npos) return 0;
  const std::string_view rest = text.substr(found + label.size());
  std::uint64_t number = 0;
  std::from_chars(rest.data(), rest.data() + rest.size(), number);
  return number;
}

}  // namespace demo
