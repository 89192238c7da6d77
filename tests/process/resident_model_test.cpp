// Threads that open and close arenas, allocate, and free each other's blocks at random,
// compared with a plain count: what the kernel says is resident, once the program rests, is
// the pages that hold a live block, the bound on idle memory, and tables.
#include <connarena/arena.hpp>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <barrier>
#include <cstring>
#include <memory>
#include <random>
#include <thread>
#include <vector>

#include "harness/deadline.hpp"
#include "harness/idle_memory.hpp"
#include "harness/mailbox.hpp"
#include "harness/random_seed.hpp"
#include "harness/resident_memory.hpp"

namespace {

using harness::kib;
using harness::mib;

const auto page_bytes = static_cast<std::size_t>(getpagesize());
constexpr unsigned thread_count = 4;
constexpr int rounds = 6;
constexpr int operations = 20000;

struct block {
  void* at;
  std::size_t bytes;
};

/// What one round does more or less of.
struct habits {
  std::size_t most_bytes;    ///< of a block
  unsigned kept_in_hundred;  ///< blocks that outlive the round
};

/// What the threads share: handles that any of them may close, and blocks that any may free.
struct shared_state {
  std::array<std::atomic<connarena_t>, 60> handles{};
  harness::mailbox<block> parcels;
};

/// One thread, with an arena of its own that nobody else may enter.
class worker {
 public:
  worker(shared_state& shared, std::uint64_t seed) : shared_(shared), random_(seed) {}
  worker(const worker&) = delete;
  worker& operator=(const worker&) = delete;
  /// What it holds of others' arenas passes to whoever comes by.
  ~worker() {
    for (const block& each : held_) shared_.parcels.put(each);
  }

  void work(const habits& now) {
    for (int i = 0; i < operations; ++i) step(now);
    free_most(held_, now, [](void* at, std::size_t) { connarena_free(at); });
    free_most(own_blocks_, now,
              [this](void* at, std::size_t bytes) { own_.deallocate(at, bytes); });
  }
  [[nodiscard]] const std::vector<block>& held() const { return held_; }
  [[nodiscard]] const std::vector<block>& own_blocks() const { return own_blocks_; }

 private:
  void step(const habits& now) {
    switch (random_() % 8) {
      case 0:
        return allocate_from_own(now);
      case 1:
      case 2:
      case 3:
        return allocate_from_shared(now);
      case 4:
        return free_one();
      case 5:
        return send_one();
      case 6:
        return take_one();
      default:
        if (random_() % 16 == 0) replace_handle();
    }
  }

  void allocate_from_own(const habits& now) {
    const std::size_t bytes = size(now);
    own_blocks_.push_back(touched(own_.allocate(bytes), bytes));
  }
  void allocate_from_shared(const habits& now) {
    const std::size_t bytes = size(now);
    void* const at = connarena_malloc(any_handle().load(), bytes);
    if (at != nullptr) held_.push_back(touched(at, bytes));
  }
  void free_one() {
    if (!held_.empty()) connarena_free(pulled(held_).at);
  }
  void send_one() {
    if (!held_.empty()) shared_.parcels.put(pulled(held_));
  }
  void take_one() {
    block other{};
    if (shared_.parcels.take(other)) connarena_free(other.at);
  }
  void replace_handle() { connarena_close(any_handle().exchange(connarena_create(nullptr))); }

  template <typename Free>
  void free_most(std::vector<block>& blocks, const habits& now, Free free) {
    std::vector<block> kept;
    for (const block& each : blocks) {
      if (random_() % 100 < now.kept_in_hundred) {
        kept.push_back(each);
      } else {
        free(each.at, each.bytes);
      }
    }
    blocks.swap(kept);
  }

  /// As many of each order of magnitude up to the most.
  [[nodiscard]] std::size_t size(const habits& now) {
    const std::size_t most = std::max<std::size_t>(now.most_bytes >> (random_() % 12), 2);
    return 1 + random_() % most;
  }
  [[nodiscard]] static block touched(void* at, std::size_t bytes) {
    std::memset(at, 'x', bytes);
    return {at, bytes};
  }
  [[nodiscard]] block pulled(std::vector<block>& blocks) {
    std::swap(blocks[random_() % blocks.size()], blocks.back());
    const block last = blocks.back();
    blocks.pop_back();
    return last;
  }
  [[nodiscard]] std::atomic<connarena_t>& any_handle() {
    return shared_.handles[random_() % shared_.handles.size()];
  }

  shared_state& shared_;
  std::mt19937_64 random_;
  std::vector<block> held_;
  std::vector<block> own_blocks_;
  connarena::arena own_;
};

/// Pages with a live block on them, from the blocks of all workers and the mailbox, and
/// pages of the tables that describe those.
class live_pages {
 public:
  void add(const std::vector<block>& blocks) {
    for (const block& each : blocks) {
      const auto at = reinterpret_cast<std::uintptr_t>(each.at);
      for (auto page = at / page_bytes; page <= (at + each.bytes - 1) / page_bytes; ++page) {
        pages_.push_back(page);
      }
    }
  }
  [[nodiscard]] std::size_t bytes() {
    keep_distinct();
    return pages_.size() * page_bytes;
  }
  /// A byte for 16 of small blocks, two words for each; and of runs five words a quarter.
  [[nodiscard]] std::size_t table_bytes() {
    std::size_t tables = 0;
    for (const std::uintptr_t described : {16u, 4u, 16u}) {
      for (std::uintptr_t& page : pages_) page /= described;
      keep_distinct();
      tables += pages_.size();
    }
    return tables * page_bytes;
  }

 private:
  void keep_distinct() {
    std::sort(pages_.begin(), pages_.end());
    pages_.erase(std::unique(pages_.begin(), pages_.end()), pages_.end());
  }

  std::vector<std::uintptr_t> pages_;
};

/// What the process may occupy beside the pages of live blocks: the bound on idle memory,
/// tables by the page, open arenas with their first blocks, and the test's own lists. Idle
/// memory is counted in pages of 4 KiB: where the system's are larger, each of those may
/// keep more than itself, as the page does that an arena is about to use.
std::size_t allowed_bytes(std::size_t live_page_bytes, std::size_t table_bytes) {
  constexpr std::size_t arenas = 60 + 2 * thread_count;
  const std::size_t bound_bytes = 8 * mib + connarena::process().live_bytes / 32;
  const std::size_t plain_bytes = live_page_bytes + bound_bytes + 3 * mib;
  if (page_bytes == 4 * kib) return plain_bytes + live_page_bytes / 64 + arenas * 16 * kib;
  return plain_bytes + bound_bytes + table_bytes + arenas * page_bytes;
}

class resident_model : public ::testing::Test {
 protected:
  resident_model() {
    for (std::atomic<connarena_t>& each : shared_.handles) each = connarena_create(nullptr);
  }

  /// Waits until the kernel's count is within what is allowed.
  void expect_only_what_lives(const std::vector<std::unique_ptr<worker>>& workers) {
    live_pages live;
    for (const std::unique_ptr<worker>& each : workers) {
      if (each == nullptr) continue;
      live.add(each->held());
      live.add(each->own_blocks());
    }
    live.add(shared_.parcels.items());
    const std::size_t live_page_bytes = live.bytes();
    const std::size_t table_bytes = live.table_bytes();
    live = {};
    std::ptrdiff_t last_bytes = 0;
    EXPECT_TRUE(harness::wait_until([&] {
      last_bytes = growth_.bytes();
      return last_bytes <= static_cast<std::ptrdiff_t>(allowed_bytes(live_page_bytes, table_bytes));
    })) << last_bytes / 1024
        << " KiB resident, " << live_page_bytes / 1024 << " KiB live, " << table_bytes / 1024
        << " KiB of tables, " << connarena::process().retained_bytes / 1024 << " KiB retained";
  }

  shared_state shared_;
  harness::resident_growth growth_;
};

/// Rounds of small and large blocks of which few, many or none outlive the round.
std::array<habits, rounds> random_rounds(std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::array<habits, rounds> all{};
  for (habits& each : all) {
    each.most_bytes = std::size_t{512} << (random() % 3 * 4);
    each.kept_in_hundred = std::array{0u, 1u, 5u, 30u}[random() % 4];
  }
  return all;
}

TEST_F(resident_model, of_threads_that_rest_with_what_they_hold) {
  const std::uint64_t seed = harness::random_seed();
  std::vector<std::unique_ptr<worker>> workers(thread_count);
  std::barrier meeting(thread_count + 1);
  const auto plan = random_rounds(seed);
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < thread_count; ++i) {
    threads.emplace_back([&, i] {
      workers[i] = std::make_unique<worker>(shared_, seed + i);
      for (const habits& each : plan) {
        workers[i]->work(each);
        meeting.arrive_and_wait();  // all have worked
        meeting.arrive_and_wait();  // the memory was counted
      }
      workers[i].reset();
    });
  }
  for (int round = 0; round < rounds; ++round) {
    meeting.arrive_and_wait();
    expect_only_what_lives(workers);
    meeting.arrive_and_wait();
  }
  for (std::thread& each : threads) each.join();
}

TEST_F(resident_model, of_threads_that_end) {
  const std::uint64_t seed = harness::random_seed();
  for (const habits& each : random_rounds(seed)) {
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < thread_count; ++i) {
      threads.emplace_back([&, i] { worker(shared_, seed + i).work(each); });
    }
    for (std::thread& thread : threads) thread.join();
    expect_only_what_lives({});
  }
}

TEST_F(resident_model, of_a_single_thread_that_says_it_waits) {
  const std::uint64_t seed = harness::random_seed();
  std::vector<std::unique_ptr<worker>> workers;
  for (unsigned i = 0; i < thread_count; ++i) {
    workers.push_back(std::make_unique<worker>(shared_, seed + i));
  }
  for (const habits& each : random_rounds(seed)) {
    for (const auto& one : workers) one->work(each);
    EXPECT_TRUE(harness::idle_memory_goes());
    expect_only_what_lives(workers);
  }
}

}  // namespace
