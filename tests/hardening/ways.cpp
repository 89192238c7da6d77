#include "hardening/ways.hpp"

#include <cstring>
#include <thread>
#include <vector>

#include "hardening/arenas.hpp"
#include "hardening/random_work.hpp"
#include "hardening/secret.hpp"

namespace hardening {
namespace {

constexpr std::size_t page = 4096;

struct block {
  void* at;
  std::size_t bytes;
};

template <typename Arena>
block take_secret(Arena& from, std::size_t bytes) {
  void* const at = from.take(bytes);
  write_secret(at, bytes);
  return {at, bytes};
}

template <typename Arena>
std::vector<block> take_secrets(Arena& from, const std::vector<std::size_t>& sizes) {
  std::vector<block> blocks;
  for (const std::size_t bytes : sizes) blocks.push_back(take_secret(from, bytes));
  return blocks;
}

/// Takes a block of each size and looks at all that is usable in it.
template <typename Arena>
finding look(Arena& from, const std::vector<std::size_t>& sizes) {
  bool found = false;
  for (const std::size_t bytes : sizes) {
    const void* const at = from.take(bytes);
    found = found || holds_secret(at, connarena_usable_size(at));
  }
  return found ? finding::secret : finding::nothing;
}

std::vector<std::size_t> small_sizes() {
  std::vector<std::size_t> sizes;
  for (int round = 0; round < 8; ++round) {
    for (std::size_t bytes = 16; bytes < page; bytes += bytes < 256 ? 16 : bytes / 8) {
      sizes.push_back(bytes);
    }
  }
  return sizes;
}

std::vector<std::size_t> run_sizes() {
  std::vector<std::size_t> sizes;
  for (std::size_t bytes = page; bytes <= 600 * 1024; bytes += bytes / 3) sizes.push_back(bytes);
  return sizes;
}

/// Arena A ends with all its blocks freed before; B takes the same.
template <typename Arena>
finding through_ended_arena(const std::vector<std::size_t>& sizes) {
  Arena a;
  for (const block& each : take_secrets(a, sizes)) a.give(each.at, each.bytes);
  a.end();
  Arena b;
  return look(b, sizes);
}

template <typename Arena>
finding spans() {
  return through_ended_arena<Arena>(small_sizes());
}

template <typename Arena>
finding first_block() {
  return through_ended_arena<Arena>({200});
}

template <typename Arena>
finding runs() {
  return through_ended_arena<Arena>(run_sizes());
}

/// While A stays open.
template <typename Arena>
finding freed_run() {
  Arena a;
  Arena b;
  const block run = take_secret(a, 5 * page);
  a.give(run.at, run.bytes);
  return look(b, {run.bytes});
}

/// The end that a run loses when its block shrinks.
template <typename Arena>
finding shrunk_run() {
  Arena a;
  Arena b;
  const block run = take_secret(a, 24 * page);
  if (a.resize(run.at, run.bytes, 8 * page) != run.at) return finding::not_tried;
  return look(b, {16 * page});
}

/// What is cached behind a run, into which its block grows where it is.
template <typename Arena>
finding growth_in_place() {
  Arena a;
  Arena b;
  const block run = take_secret(a, 64 * page);
  a.give(run.at, run.bytes);
  a.end();
  void* const grows = b.take(20 * page);
  std::memset(grows, 0, 20 * page);
  if (b.resize(grows, 20 * page, 28 * page) != grows) return finding::not_tried;
  return holds_secret(grows, 28 * page) ? finding::secret : finding::nothing;
}

/// The same of a long run, whose guard moves on.
template <typename Arena>
finding long_growth_in_place() {
  Arena a;
  Arena b;
  const block run = take_secret(a, 600 * page);
  a.give(run.at, run.bytes);
  a.end();
  std::size_t pages = 40;
  void* grows = b.take(pages * page);
  void* before = nullptr;
  for (const std::size_t longer : {60u, 80u, 100u}) {
    std::memset(grows, 0, pages * page);
    before = grows;
    grows = b.resize(grows, pages * page, longer * page);
    pages = longer;
  }
  if (grows != before) return finding::not_tried;
  return holds_secret(grows, pages * page) ? finding::secret : finding::nothing;
}

/// A block that moves as it grows: all behind what was copied.
template <typename Arena>
finding growth_elsewhere() {
  Arena a;
  Arena b;
  const block run = take_secret(a, 80 * page);
  void* const grows = b.take(1000);
  std::memset(grows, 0, 1000);
  a.give(run.at, run.bytes);
  const void* const grown = b.resize(grows, 1000, 80 * page);
  return holds_secret(grown, 80 * page) ? finding::secret : finding::nothing;
}

/// Blocks that survive A, one in `every`, and its others are freed.
template <typename Arena>
std::vector<block> leave_survivors(Arena& a, std::size_t blocks, std::size_t bytes,
                                   std::size_t every) {
  std::vector<block> survivors;
  const std::vector<block> all = take_secrets(a, std::vector<std::size_t>(blocks, bytes));
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (i % every == 0) {
      survivors.push_back(all[i]);
    } else {
      a.give(all[i].at, all[i].bytes);
    }
  }
  a.end();
  return survivors;
}

/// Pages that survivors of A stay in: what is free between them.
template <typename Arena>
finding donated_pages() {
  Arena a;
  static_cast<void>(leave_survivors(a, 2000, 64, 30));
  Arena b;
  return look(b, std::vector<std::size_t>(1000, 64));
}

template <typename Arena>
finding donated_first_block() {
  Arena a;
  static_cast<void>(leave_survivors(a, 3, 64, 3));
  Arena b;
  return look(b, {64, 64});
}

/// Survivors of A that are freed once their page is B's: by B's thread, or by another.
template <typename Arena, bool by_another>
finding survivors_freed_later() {
  Arena a;
  std::vector<block> survivors = leave_survivors(a, 2000, 64, 30);
  Arena b;
  // What is free there is B's by then, and nothing of A's.
  for (int i = 0; i < 1500; ++i) std::memset(b.take(64), 0, 64);
  const auto free_all = [&] {
    for (const block& each : survivors) a.give(each.at, each.bytes);
  };
  if (by_another) {
    std::thread(free_all).join();
  } else {
    free_all();
  }
  return look(b, std::vector<std::size_t>(1000, 64));
}

/// What C++ arenas that drain allocate through their survivors.
finding draining_resources() {
  any_thread a;
  any_thread b;
  const block survivor_of_a = take_secret(a, 64);
  static_cast<void>(b.take(64));
  a.end();
  b.end();
  const block late = take_secret(a, 200);
  a.give(late.at, late.bytes);
  const finding found = look(b, {200});
  a.give(survivor_of_a.at, survivor_of_a.bytes);
  return found;
}

constexpr way all_ways[] = {
    {"spans_arena", spans<one_thread>},
    {"spans_synchronized_arena", spans<any_thread>},
    {"spans_c", spans<c_arena>},
    {"first_block_arena", first_block<one_thread>},
    {"first_block_synchronized_arena", first_block<any_thread>},
    {"first_block_c", first_block<c_arena>},
    {"runs_arena", runs<one_thread>},
    {"runs_synchronized_arena", runs<any_thread>},
    {"runs_c", runs<c_arena>},
    {"freed_run_arena", freed_run<one_thread>},
    {"freed_run_synchronized_arena", freed_run<any_thread>},
    {"freed_run_c", freed_run<c_arena>},
    {"shrunk_run_arena", shrunk_run<one_thread>},
    {"shrunk_run_c", shrunk_run<c_arena>},
    {"growth_in_place_arena", growth_in_place<one_thread>},
    {"growth_in_place_c", growth_in_place<c_arena>},
    {"long_growth_in_place_arena", long_growth_in_place<one_thread>},
    {"long_growth_in_place_c", long_growth_in_place<c_arena>},
    {"growth_elsewhere_arena", growth_elsewhere<one_thread>},
    {"growth_elsewhere_c", growth_elsewhere<c_arena>},
    {"donated_pages_synchronized_arena", donated_pages<any_thread>},
    {"donated_pages_c", donated_pages<c_arena>},
    {"donated_first_block_synchronized_arena", donated_first_block<any_thread>},
    {"donated_first_block_c", donated_first_block<c_arena>},
    {"survivors_freed_later_synchronized_arena", survivors_freed_later<any_thread, false>},
    {"survivors_freed_later_c", survivors_freed_later<c_arena, false>},
    {"survivors_freed_by_another_thread_c", survivors_freed_later<c_arena, true>},
    {"draining_resources", draining_resources},
    {"random_work", random_work},
};

}  // namespace

std::span<const way> ways() { return all_ways; }

}  // namespace hardening
