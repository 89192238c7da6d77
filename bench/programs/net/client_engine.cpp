#include "net/client_engine.hpp"

#include <sys/epoll.h>

#include <algorithm>
#include <limits>
#include <string>
#include <string_view>

#include "process/failure.hpp"

namespace demo {
namespace {

constexpr std::size_t buffer_bytes = 256 * 1024;
constexpr std::size_t slow_read_bytes = 1024;
constexpr int slow_period_ms = 64;  // 16 KiB a second

}  // namespace

client_engine::client_engine(client_script& script)
    : script_(script), epoll_(::epoll_create1(EPOLL_CLOEXEC)), buffer_(buffer_bytes) {
  if (!epoll_.is_open()) fail_by_errno("epoll_create1");
}

client& client_engine::add(std::unique_ptr<stream> bytes, bool is_slow) {
  auto added = std::make_unique<client>();
  added->index = opened_++;
  added->bytes = std::move(bytes);
  added->is_slow = is_slow;
  epoll_event event{};
  event.events = EPOLLOUT | EPOLLET;
  if (!is_slow) event.events |= EPOLLIN;
  event.data.ptr = added.get();
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, added->bytes->descriptor(), &event) != 0) {
    fail_by_errno("epoll_ctl");
  }
  clients_.push_back(std::move(added));
  return *clients_.back();
}

void client_engine::start(client& each) {
  if (!script_.next_exchange(each)) throw failure("a client without any work");
  send(each);
}

void client_engine::start_all() {
  for (const auto& each : clients_) start(*each);
}

void client_engine::send(client& each) {
  constexpr int most_parts = 16;
  iovec parts[most_parts];
  while (!each.to_send.is_empty()) {
    const int count = each.to_send.describe(parts, most_parts);
    const auto size = each.bytes->write(parts, count);
    if (!size) return;
    each.to_send.remove(*size);
  }
}

/// False if nothing came.
bool client_engine::receive(client& each, std::size_t most_bytes) {
  const auto size = each.bytes->read(buffer_.data(), std::min(most_bytes, buffer_.size()));
  if (!size) return false;
  if (*size == 0) throw failure("the server closed a connection");
  check(each, {buffer_.data(), *size});
  return true;
}

void client_engine::check(client& each, std::string_view bytes) {
  while (!bytes.empty()) {
    if (!each.expected.accept(bytes)) {
      throw failure("wrong bytes in an answer to client " + std::to_string(each.index) +
                    ", exchange " + std::to_string(each.exchanges));
    }
    if (!each.expected.is_empty()) return;
    ++each.exchanges;
    if (!script_.next_exchange(each)) script_.finished(each);
    if (!each.bytes) return;
  }
}

void client_engine::serve(client& each) {
  if (!each.bytes) return;
  send(each);
  while (each.bytes && !each.is_slow) {
    if (!receive(each, std::numeric_limits<std::size_t>::max())) return;
    if (each.bytes) send(each);
  }
}

void client_engine::serve_slow_clients() {
  for (const auto& each : clients_) {
    if (each->is_slow && !each->expected.is_empty()) {
      static_cast<void>(receive(*each, slow_read_bytes));
    }
  }
}

void client_engine::close(client& each) {
  const auto found = std::find_if(clients_.begin(), clients_.end(),
                                  [&](const auto& other) { return other.get() == &each; });
  each.bytes.reset();
  closed_.push_back(std::move(*found));
  clients_.erase(found);
}

void client_engine::run_until(const std::function<bool()>& is_done, std::chrono::seconds at_most) {
  using clock = std::chrono::steady_clock;
  const auto deadline = clock::now() + at_most;
  auto next_slow_turn = clock::now();
  constexpr int most_events = 64;
  epoll_event events[most_events];
  while (!is_done()) {
    const int count = ::epoll_wait(epoll_.get(), events, most_events, slow_period_ms);
    for (int at = 0; at < count; ++at) serve(*static_cast<client*>(events[at].data.ptr));
    closed_.clear();
    const auto now = clock::now();
    if (now > deadline)
      throw failure("the load is not done after " + std::to_string(at_most.count()) + " s");
    if (now < next_slow_turn) continue;
    next_slow_turn = now + std::chrono::milliseconds(slow_period_ms);
    serve_slow_clients();
  }
}

void client_engine::close_all_but(std::size_t kept_clients) {
  std::size_t kept = 0;
  std::erase_if(clients_, [&](const auto& each) { return each->is_slow || ++kept > kept_clients; });
}

}  // namespace demo
