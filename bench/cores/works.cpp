#include "works.hpp"

#include <array>
#include <atomic>

#include <connarena/arena.hpp>

#include "contenders/pmr_heap.hpp"
#include "lines.hpp"
#include "works/reconnect.hpp"
#include "works/steady.hpp"

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
      {"small blocks, one arena", in_one_arena(micro::small_replacements)},
      {"blocks up to 64 KiB, one arena", in_one_arena(micro::mixed_replacements)},
  };
  return works;
}

}  // namespace cores
