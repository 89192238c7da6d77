#include "works.hpp"

#include <array>
#include <atomic>
#include <deque>

#include <connarena/arena.hpp>

#include "contenders/pmr_heap.hpp"
#include "lines.hpp"
#include "works/reconnect.hpp"
#include "works/steady.hpp"
#include "works/strand.hpp"

namespace cores {
namespace {

struct heap : micro::pmr_heap<connarena::synchronized_arena> {
  static constexpr const char* name = "synchronized_arena";
  static constexpr micro::traits can{.any_thread_frees = true, .any_thread_allocates = true};
};

struct open_heap {
  open_heap() { in.open(); }
  open_heap(const open_heap&) = delete;
  open_heap& operator=(const open_heap&) = delete;
  ~open_heap() { in.close(); }
  heap in;
};

using sequence = std::vector<micro::replacement>;

/// Frees one of 512 blocks at random and allocates another.
class steady final : public worker {
 public:
  steady(std::shared_ptr<open_heap> of, const sequence& sizes)
      : heap_(std::move(of)), live_(heap_->in, sizes) {}
  void operate() override { live_.replace_one(); }

 private:
  std::shared_ptr<open_heap> heap_;
  micro::live_set<heap> live_;
};

/// Opens an arena, allocates 200 B, 1.5 KiB and 16 KiB, and closes it.
class connecting final : public worker {
 public:
  void operate() override {
    connection_.open();
    connection_.close();
  }

 private:
  micro::connection<heap> connection_;
};

/// Connections whose handlers run on any thread of a pool, one at a time.
class pool {
 public:
  explicit pool(std::size_t threads) : all_(a_thread * threads) {
    for (auto& each : all_) each.open();
  }
  pool(const pool&) = delete;
  pool& operator=(const pool&) = delete;
  ~pool() {
    for (auto& each : all_) each.close();
  }

  /// Frees the 20 blocks that a connection's last handler made, on whichever thread that
  /// ran, and makes 20 others.
  void handle(std::uint32_t random) {
    static const auto sizes = micro::logarithmic_sizes(turns * micro::strand_blocks, 16, 512);
    const std::uint32_t* const turn = &sizes[(random >> 8) % turns * micro::strand_blocks];
    for (std::size_t i = random >> 20; !all_[i % all_.size()].handle(turn, 0); ++i) {
    }
  }

 private:
  // So many that what one connection's lines are to many threads is not taken for what a
  // lock is to them: few threads come to the same one while lines are counted.
  static constexpr std::size_t a_thread = 64;
  static constexpr std::size_t turns = 1024;
  std::deque<micro::strand<heap>> all_;
};

/// Runs a handler of whichever connection is free.
class handling final : public worker {
 public:
  handling(std::shared_ptr<pool> of, std::size_t index)
      : pool_(std::move(of)), random_(static_cast<std::uint32_t>(index) * 2654435761u + 1) {}
  void operate() override {
    random_ = random_ * 1664525 + 1013904223;
    pool_->handle(random_);
  }

 private:
  std::shared_ptr<pool> pool_;
  std::uint32_t random_;
};

/// Blocks on their way to the thread that frees them.
struct mailbox {
  std::array<std::atomic<void*>, 64> places{};
};

/// Allocates 64 B in its own arena for the next thread, and frees what the one before
/// has sent. Frees its own where the next one is slow.
class passing final : public worker {
 public:
  static constexpr std::size_t block_bytes = 64;

  passing(std::shared_ptr<open_heap> own, heap& before, mailbox& from, mailbox& to)
      : own_(std::move(own)), before_(before), from_(from), to_(to) {}
  void operate() override {
    take(from_.places[turn_ % from_.places.size()]);
    put(to_.places[turn_ % to_.places.size()]);
    ++turn_;
  }

 private:
  void take(std::atomic<void*>& place) {
    // acquire: pairs with the release in put
    void* const block = place.load(std::memory_order_acquire);
    if (block == nullptr) return;
    place.store(nullptr, std::memory_order_relaxed);
    before_.deallocate(block, block_bytes);
  }
  void put(std::atomic<void*>& place) {
    void* const block = micro::touched(own_->in.allocate(block_bytes));
    if (place.load(std::memory_order_relaxed) != nullptr) {
      return own_->in.deallocate(block, block_bytes);
    }
    place.store(block, std::memory_order_release);
  }

  std::shared_ptr<open_heap> own_;
  heap& before_;
  mailbox& from_;
  mailbox& to_;
  std::size_t turn_ = 0;
};

make_worker in_own_arenas(const sequence& (*sizes)()) {
  return [=](std::size_t, std::size_t) {
    return std::make_unique<steady>(std::make_shared<open_heap>(), sizes());
  };
}

make_worker in_one_arena(const sequence& (*sizes)()) {
  return [=, shared = std::make_shared<std::weak_ptr<open_heap>>()](std::size_t, std::size_t) {
    std::shared_ptr<open_heap> in = shared->lock();
    if (in == nullptr) *shared = in = std::make_shared<open_heap>();
    return std::make_unique<steady>(std::move(in), sizes());
  };
}

make_worker in_a_pool() {
  return
      [shared = std::make_shared<std::weak_ptr<pool>>()](std::size_t index, std::size_t threads) {
        std::shared_ptr<pool> of = shared->lock();
        if (of == nullptr) *shared = of = std::make_shared<pool>(threads);
        return std::make_unique<handling>(std::move(of), index);
      };
}

/// Arenas and mailboxes stay until the next case begins: the last one out may still
/// free into another's.
make_worker around_a_circle() {
  struct circle {
    std::array<std::shared_ptr<open_heap>, most_threads> arenas;
    std::array<mailbox, most_threads> mailboxes;
  };
  return
      [of = std::make_shared<std::unique_ptr<circle>>()](std::size_t index, std::size_t threads) {
        if (index == 0) {
          *of = std::make_unique<circle>();
          for (std::size_t i = 0; i < threads; ++i)
            (*of)->arenas[i] = std::make_shared<open_heap>();
        }
        circle& in = **of;
        const std::size_t before = (index + threads - 1) % threads;
        return std::make_unique<passing>(in.arenas[index], in.arenas[before]->in,
                                         in.mailboxes[index], in.mailboxes[(index + 1) % threads]);
      };
}

}  // namespace

const std::vector<work>& all_works() {
  static const std::vector<work> works{
      {"small blocks, own arenas", in_own_arenas(micro::small_replacements)},
      {"blocks up to 64 KiB, own arenas", in_own_arenas(micro::mixed_replacements)},
      {"connections, own arenas",
       [](std::size_t, std::size_t) { return std::make_unique<connecting>(); }},
      {"small blocks, freed by the next thread", around_a_circle()},
      {"handlers of 20 blocks, on any thread", in_a_pool()},
      {"small blocks, one arena", in_one_arena(micro::small_replacements)},
      {"blocks up to 64 KiB, one arena", in_one_arena(micro::mixed_replacements)},
  };
  return works;
}

}  // namespace cores
