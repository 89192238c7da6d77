#include "moving/clients.hpp"

#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <thread>
#include <vector>

#include "harness/deadline.hpp"
#include "harness/pattern.hpp"
#include "moving/frames.hpp"
#include "moving/session.hpp"

namespace moving {
namespace {

constexpr unsigned client_threads = 6;
constexpr unsigned clients_a_thread = 4;
constexpr unsigned requests_a_client = 24;

/// Some of a few bytes, some that are runs: what all keep at once is more than may stay.
std::vector<char> request_of(std::uint64_t client, unsigned number) {
  constexpr std::size_t most[] = {60, 700, 5000, 400000};
  const std::uint64_t random = (client * 1000 + number) * 0x9E3779B97F4A7C15u >> 20;
  std::vector<char> request(1 + random % most[number % std::size(most)]);
  harness::write_pattern(request.data(), request.size(), client + number);
  return request;
}

bool is_answered(int socket, std::uint64_t client, unsigned number) {
  std::vector<char> reply;
  if (!send_frame(socket, request_of(client, number)) || !receive_frame(socket, reply))
    return false;
  return number < answer_lag ? reply.empty() : reply == request_of(client, number - answer_lag);
}

int connect_to(const sockaddr& server, socklen_t server_size) {
  const int link = ::socket(server.sa_family, SOCK_STREAM, 0);
  const timeval patience{harness::patience.count(), 0};
  ::setsockopt(link, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  return ::connect(link, &server, server_size) == 0 ? link : -1;
}

/// A thread's clients are connected all the time.
class clients {
 public:
  clients(const sockaddr& server, socklen_t server_size, std::uint64_t first) : first_(first) {
    for (int& each : links_) each = connect_to(server, server_size);
  }
  clients(const clients&) = delete;
  clients& operator=(const clients&) = delete;
  ~clients() {
    for (const int each : links_) ::close(each);
  }

  [[nodiscard]] bool are_answered() const {
    for (unsigned number = 0; number < requests_a_client; ++number) {
      for (std::size_t i = 0; i < links_.size(); ++i) {
        if (!is_answered(links_[i], first_ + i, number)) return false;
      }
    }
    return true;
  }

 private:
  std::uint64_t first_;
  std::array<int, clients_a_thread> links_{};
};

}  // namespace

int run_clients(const sockaddr& server, socklen_t server_size) {
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < client_threads; ++i) {
    threads.emplace_back([&, i] {
      if (!clients(server, server_size, i * clients_a_thread).are_answered()) ++wrong;
    });
  }
  for (std::thread& each : threads) each.join();
  return wrong;
}

}  // namespace moving
