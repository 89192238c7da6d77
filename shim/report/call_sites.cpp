#include "shim/report/call_sites.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <dlfcn.h>
#include <link.h>
#include <unistd.h>
#include <unwind.h>

namespace connarena::shim::report {
namespace {

constexpr unsigned slot_bits = 16;
constexpr std::uint64_t all_until = 4096;
constexpr unsigned site_bits = 16;
constexpr unsigned weight_bits = 4;
static_assert(counters::most_call_sites < 1u << site_bits);

/// A sampled block: its address without the lowest 4 bits, the logarithm of what it
/// stands for, its site. Addresses have 47 bits.
std::atomic<std::uint64_t> samples[std::size_t{1} << slot_bits];
std::atomic<std::uint64_t> blocks_made{0};
std::atomic<std::uint64_t> connections_ended{0};
constinit thread_local bool is_sampling __attribute__((tls_model("initial-exec"))) = false;

counters& figures() noexcept { return *detail::recorded.load(std::memory_order_relaxed); }

void add(std::atomic<std::uint64_t>& counter, std::uint64_t value) noexcept {
  counter.fetch_add(value, std::memory_order_relaxed);
}

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
  return made < 4 * 8 * all_until ? 3 : 6;
}

/// The number of a module; 0: there is no room.
std::uint64_t number_of(const char* name) noexcept {
  char own_path[sizeof(code_module::path)] = {};
  if (*name == '\0') {
    // The main program has no name.
    if (readlink("/proc/self/exe", own_path, sizeof own_path - 1) <= 0) return 0;
    name = own_path;
  }
  for (std::size_t number = 1; number < counters::most_modules; ++number) {
    char* const path = figures().modules[number].path;
    if (*path == '\0') std::memcpy(path, name, strnlen(name, sizeof own_path - 1));
    if (std::strncmp(path, name, sizeof own_path - 1) == 0) return number;
  }
  return 0;
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
  for (std::size_t i = 0; i < counters::most_call_sites; ++i) {
    const std::size_t at = (key + i) % counters::most_call_sites;
    call_site& site = figures().call_sites[at];
    std::uint64_t present = 0;
    if (site.key.compare_exchange_strong(present, key)) {
      std::copy_n(taken.frames, call_site::most_frames, site.frames);
      return at;
    }
    if (present == key) return at;
  }
  return counters::most_call_sites;
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
  call_site& site = figures().call_sites[sample & ((1u << site_bits) - 1)];
  const std::uint64_t weight = std::uint64_t{1}
                               << (sample >> site_bits & ((1u << weight_bits) - 1));
  add(site.blocks, weight);
  add(site.bytes, weight * bytes);
  if (site.last_connection.exchange(all.connection) != all.connection) {
    add(site.connections, weight);
  }
}

}  // namespace

namespace detail {

void sample_block(const void* block) noexcept {
  if (is_sampling || block == nullptr) return;
  const std::uint64_t made = blocks_made.fetch_add(1, std::memory_order_relaxed);
  const std::uint64_t weight = weight_after(made);
  std::atomic<std::uint64_t>& sample = sample_of(block);
  if ((made & ((std::uint64_t{1} << weight) - 1)) != 0) {
    // What was here before has been freed.
    if (is_sample_of(sample.load(std::memory_order_relaxed), block)) sample.store(0);
    return;
  }
  is_sampling = true;
  stack taken;
  _Unwind_Backtrace(take_frame, &taken);
  const std::size_t site = site_of(taken);
  const std::uint64_t address = shortened(block) << (site_bits + weight_bits);
  sample.store(site < counters::most_call_sites ? address | weight << site_bits | site : 0);
  is_sampling = false;
}

void count_survivors(core::handle arena) noexcept {
  remains left{connections_ended.fetch_add(1, std::memory_order_relaxed) + 1, 0};
  core::for_each_live_block(arena, count_survivor, &left);
  if (left.bytes == 0) return;
  counters& to = figures();
  add(to.connections_with_survivors, 1);
  std::uint64_t most = to.most_survivor_bytes.load(std::memory_order_relaxed);
  while (most < left.bytes && !to.most_survivor_bytes.compare_exchange_weak(most, left.bytes)) {
  }
}

}  // namespace detail
}  // namespace connarena::shim::report
