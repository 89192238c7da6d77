// reconnect.hpp - open, 3 blocks (200 B, 1.5 KiB, 16 KiB), close, in a loop, while
// 0, 5,000 or 100,000 others with the same blocks are open. Each turn closes the
// oldest of all, or the one that it has just opened.
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "works/figures.hpp"

namespace micro {

inline constexpr std::array<std::size_t, 3> reconnect_sizes = {200, 1536, 16 * 1024};

template <contender Heap>
class connection {
 public:
  void open() {
    heap_.open();
    for (std::size_t i = 0; i < blocks_.size(); ++i) {
      blocks_[i] = touched(heap_.allocate(reconnect_sizes[i]));
    }
  }
  void close() {
    for (std::size_t i = 0; i < blocks_.size(); ++i) {
      give_back_at_close(heap_, blocks_[i], reconnect_sizes[i]);
    }
    heap_.close();
  }

 private:
  Heap heap_;
  std::array<void*, reconnect_sizes.size()> blocks_;
};

struct any_crowd {
  virtual ~any_crowd() = default;
};

/// The open connections, oldest to newest around a ring with one place free.
template <contender Heap>
class crowd final : public any_crowd {
 public:
  explicit crowd(std::size_t others) : ring_(others + 1), newest_(others) {
    for (std::size_t i = 0; i < others; ++i) ring_[i].open();
  }
  crowd(const crowd&) = delete;
  crowd& operator=(const crowd&) = delete;
  /// Newest first: mimalloc walks all younger heaps to find the one it destroys.
  ~crowd() override {
    for (std::size_t left = others(); left > 0; --left) {
      newest_ = newest_ == 0 ? others() : newest_ - 1;
      ring_[newest_].close();
    }
  }

  [[nodiscard]] std::size_t others() const noexcept { return ring_.size() - 1; }

  void turn_oldest_first() {
    ring_[newest_].open();
    newest_ = newest_ == others() ? 0 : newest_ + 1;
    ring_[newest_].close();  // one place on from the newest is the oldest
  }
  void turn_newest_first() {
    ring_[newest_].open();
    ring_[newest_].close();
  }

 private:
  std::vector<connection<Heap>> ring_;
  std::size_t newest_;  // the free place, which the next one opened takes
};

/// The crowd that stands while Google Benchmark finds how often to repeat: to
/// fill it takes longer than the loop. Never destroyed at exit, for the same reason.
template <contender Heap>
[[nodiscard]] crowd<Heap>& standing_crowd(std::size_t others) {
  static auto& standing = *new std::unique_ptr<any_crowd>;
  auto* found = dynamic_cast<crowd<Heap>*>(standing.get());
  if (found == nullptr || found->others() != others) {
    standing.reset();
    standing = std::make_unique<crowd<Heap>>(others);
    found = static_cast<crowd<Heap>*>(standing.get());
  }
  return *found;
}

template <contender Heap>
void reconnect_oldest_first(benchmark::State& state, std::size_t others) {
  crowd<Heap>& connections = standing_crowd<Heap>(others);
  for (auto _ : state) connections.turn_oldest_first();
  set_figures<Heap>(state, 1);
}

template <contender Heap>
void reconnect_newest_first(benchmark::State& state, std::size_t others) {
  crowd<Heap>& connections = standing_crowd<Heap>(others);
  for (auto _ : state) connections.turn_newest_first();
  set_figures<Heap>(state, 1);
}

template <contender Heap>
void register_reconnect_among(std::size_t others) {
  using loop = void (*)(benchmark::State&, std::size_t);
  const auto add = [others](const char* order, loop run) {
    const std::string work = "reconnect." + std::to_string(others) + '.' + order;
    benchmark::RegisterBenchmark(name_of<Heap>(work).c_str(), [=](benchmark::State& state) {
      if (others < Heap::can.most_open) return run(state, others);
      state.SkipWithError(Heap::can.why_no_more);
    });
  };
  add("oldest_first", reconnect_oldest_first<Heap>);
  add("newest_first", reconnect_newest_first<Heap>);
}

template <contender Heap>
void register_reconnect() {
  for (const std::size_t others : {0u, 5'000u, 100'000u}) register_reconnect_among<Heap>(others);
}

}  // namespace micro
