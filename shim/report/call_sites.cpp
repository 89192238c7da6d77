#include "shim/report/call_sites.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <dlfcn.h>
#include <link.h>
#include <unwind.h>

#include "shim/report/program_name.hpp"

namespace connarena::shim::report {
namespace {

constexpr unsigned slot_bits = 16;
constexpr std::uint64_t all_until = 4096;
constexpr unsigned site_bits = 16;
constexpr unsigned weight_bits = 4;
static_assert(ledger::most_call_sites < 1u << site_bits);

/// A sampled block: its address without the lowest 4 bits, the logarithm of what it
/// stands for, its site. Addresses have 47 bits.
std::atomic<std::uint64_t> samples[std::size_t{1} << slot_bits];
std::atomic<std::uint64_t> blocks_made{0};
std::atomic<std::uint32_t> connections_ended{0};
constinit thread_local bool is_sampling __attribute__((tls_model("initial-exec"))) = false;

constinit thread_local std::uint64_t own_random __attribute__((tls_model("initial-exec"))) = 0;

ledger& tables() noexcept { return *own_family; }

std::uint64_t shortened(const void* block) noexcept {
  return reinterpret_cast<std::uintptr_t>(block) >> 4;
}
std::uint64_t mixed(std::uint64_t value) noexcept {
  value *= 0x9E3779B97F4A7C15u;
  return value ^ value >> 32;
}
std::atomic<std::uint64_t>& sample_of(const void* block) noexcept {
  return samples[mixed(shortened(block)) & ((std::size_t{1} << slot_bits) - 1)];
}
bool is_sample_of(std::uint64_t sample, const void* block) noexcept {
  return sample >> (site_bits + weight_bits) == shortened(block);
}

/// How many blocks the next sample stands for, as a power of two.
unsigned weight_after(std::uint64_t made) noexcept {
  if (made < all_until) return 0;
  return made < 32 * all_until ? 3 : 6;
}

/// By Marsaglia's xorshift; each thread starts elsewhere, and so does one that has the place
/// of another that ended.
std::uint64_t next_random() noexcept {
  static constinit std::atomic<std::uint64_t> begun{0};
  std::uint64_t& state = own_random;
  if (state == 0) {
    const std::uint64_t number = begun.fetch_add(1, std::memory_order_relaxed);
    state = mixed(mixed(reinterpret_cast<std::uintptr_t>(&state)) + number) | 1;
  }
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return state;
}

/// Whether a block is one of those that stand for 2^weight each. Each block is with the same
/// chance, whatever came before: no rhythm of the program's falls in with it, and of threads
/// that make few there are as many as of others.
bool is_sampled(unsigned weight) noexcept {
  return weight == 0 || next_random() >> (64 - weight) == 0;
}

bool is_module(const code_module& known, const char* path) noexcept {
  return std::strncmp(known.path, path, sizeof known.path - 1) == 0;
}

/// While it is true, somebody writes down a module. Who was killed there, or is
/// interrupted, is not waited for.
bool begin_module() noexcept {
  constexpr unsigned tries = 1000;
  for (unsigned i = 0; i < tries; ++i) {
    if (!tables().is_adding_module.exchange(true)) return true;
  }
  return false;
}

std::uint64_t add_module(const char* path, const char* label) noexcept {
  if (!begin_module()) return 0;
  std::uint64_t number = 1;
  while (number < ledger::most_modules && tables().modules[number].path[0] != '\0') ++number;
  if (number < ledger::most_modules) {
    code_module& added = tables().modules[number];
    std::memcpy(added.label, label, strnlen(label, sizeof added.label - 1));
    std::memcpy(added.path, path, strnlen(path, sizeof added.path - 1));
  }
  tables().is_adding_module.store(false);
  return number < ledger::most_modules ? number : 0;
}

/// The number of a module; 0: there is no room. The main program has no name.
std::uint64_t number_of(const char* name) noexcept {
  const bool is_program = *name == '\0';
  const char* const path = is_program ? program_file() : name;
  if (*path == '\0') return 0;
  for (std::size_t number = 1; number < ledger::most_modules; ++number) {
    if (is_module(tables().modules[number], path)) return number;
  }
  const char* const last = std::strrchr(path, '/');
  return add_module(path, is_program ? program_file_label() : last != nullptr ? last + 1 : path);
}

/// The frames of a stack that are not this library's.
struct stack {
  std::uint64_t frames[call_site::most_frames] = {};
  std::size_t count = 0;
};

const link_map* module_at(const void* code) noexcept {
  dl_find_object found{};
  return _dl_find_object(const_cast<void*>(code), &found) == 0 ? found.dlfo_link_map : nullptr;
}

_Unwind_Reason_Code take_frame(_Unwind_Context* context, void* into) noexcept {
  static const link_map* const own = module_at(reinterpret_cast<const void*>(&take_frame));
  auto& taken = *static_cast<stack*>(into);
  // It is where the call returns to: the call itself lies before.
  if (_Unwind_GetIP(context) == 0) return _URC_END_OF_STACK;
  const std::uintptr_t address = _Unwind_GetIP(context) - 1;
  const link_map* const module = module_at(reinterpret_cast<const void*>(address));
  if (module == own) return _URC_NO_REASON;
  const std::uint64_t number = module != nullptr ? number_of(module->l_name) : 0;
  const std::uint64_t offset = number != 0 ? address - module->l_addr : address;
  taken.frames[taken.count++] = number << 48 | (offset & ((std::uint64_t{1} << 48) - 1));
  return taken.count < call_site::most_frames ? _URC_NO_REASON : _URC_END_OF_STACK;
}

/// The site of a stack, made if there is none; most_call_sites: there is no room.
std::size_t site_of(const stack& taken) noexcept {
  std::uint64_t key = 1;
  for (const std::uint64_t frame : taken.frames) key = mixed(key ^ frame);
  key |= 1;
  for (std::size_t i = 0; i < ledger::most_call_sites; ++i) {
    const std::size_t at = (key + i) % ledger::most_call_sites;
    call_site& site = tables().call_sites[at];
    std::uint64_t present = 0;
    if (site.key.compare_exchange_strong(present, key)) {
      std::copy_n(taken.frames, call_site::most_frames, site.frames);
      return at;
    }
    if (present == key) return at;
  }
  return ledger::most_call_sites;
}

/// What one arena leaves.
struct remains {
  std::uint64_t connection;
  std::uint64_t bytes;
};

void count_survivor(void* of, const void* block, std::size_t bytes) noexcept {
  auto& all = *static_cast<remains*>(of);
  all.bytes += bytes;
  const std::uint64_t sample = sample_of(block).load(std::memory_order_relaxed);
  if (!is_sample_of(sample, block)) return;
  call_site& site = tables().call_sites[sample & ((1u << site_bits) - 1)];
  const std::uint64_t weight = std::uint64_t{1}
                               << (sample >> site_bits & ((1u << weight_bits) - 1));
  add(site.blocks, weight);
  add(site.bytes, weight * bytes);
  if (site.last_connection.exchange(all.connection) != all.connection) {
    add(site.connections, weight);
  }
}

/// What is to be kept of the blocks that are seen.
struct largest {
  sited_block* into;
  std::size_t room, count;
};

const std::uint64_t* frames_of(const void* block) noexcept {
  const std::uint64_t sample = sample_of(block).load(std::memory_order_relaxed);
  if (!is_sample_of(sample, block)) return nullptr;
  return tables().call_sites[sample & ((1u << site_bits) - 1)].frames;
}

void keep_if_large(void* of, const void* block, std::size_t bytes) noexcept {
  auto& kept = *static_cast<largest*>(of);
  std::size_t place = kept.count;
  while (place > 0 && kept.into[place - 1].bytes < bytes) --place;
  if (place == kept.room) return;
  kept.count = std::min(kept.count + 1, kept.room);
  std::copy_backward(kept.into + place, kept.into + kept.count - 1, kept.into + kept.count);
  kept.into[place] = {bytes, frames_of(block)};
}

}  // namespace

const code_module& module_of(std::size_t number) noexcept { return tables().modules[number]; }

std::size_t largest_blocks(core::handle arena, sited_block* into, std::size_t room) noexcept {
  largest kept{into, room, 0};
  core::for_each_live_block(arena, keep_if_large, &kept);
  return kept.count;
}

namespace detail {

void sample_block(const void* block) noexcept {
  if (is_sampling || block == nullptr) return;
  const std::uint64_t made = blocks_made.fetch_add(1, std::memory_order_relaxed);
  const unsigned weight = weight_after(made);
  std::atomic<std::uint64_t>& sample = sample_of(block);
  if (!is_sampled(weight)) {
    // What was here before has been freed.
    if (is_sample_of(sample.load(std::memory_order_relaxed), block)) sample.store(0);
    return;
  }
  is_sampling = true;
  stack taken;
  _Unwind_Backtrace(take_frame, &taken);
  const std::size_t site = site_of(taken);
  const std::uint64_t address = shortened(block) << (site_bits + weight_bits);
  sample.store(site < ledger::most_call_sites ? address | std::uint64_t{weight} << site_bits | site
                                              : 0);
  is_sampling = false;
}

void count_survivors(core::handle arena) noexcept {
  // Processes of a family count in one table.
  const auto process =
      static_cast<std::uint32_t>(own_figures().pid.load(std::memory_order_relaxed));
  remains left{std::uint64_t{process} << 32 | (connections_ended.fetch_add(1) + 1), 0};
  core::for_each_live_block(arena, count_survivor, &left);
  if (left.bytes == 0) return;
  counters& to = own_figures();
  add(to.connections_with_survivors, 1);
  raise(to.most_survivor_bytes, left.bytes);
  have_tables_changed.store(true);
}

}  // namespace detail
}  // namespace connarena::shim::report
