// core_reservation.cpp - the region's addresses beside limits on address space, and in a
// process that locks its memory.
#include "api/core.hpp"
#include "heap/commits.hpp"
#include "heap/page_heap.hpp"
#include "heap/region.hpp"
#include "heap/reservation.hpp"
#include "heap/slot_pool.hpp"

namespace connarena::core {
namespace {

/// While one exists, nobody else allocates pages or places.
class all_parts {
 public:
  all_parts() noexcept {
    lock_places();
    lock_page_heaps();
  }
  ~all_parts() {
    unlock_page_heaps();
    unlock_places();
  }
  all_parts(const all_parts&) = delete;
  all_parts& operator=(const all_parts&) = delete;
};

}  // namespace

void limit_reservation(std::size_t most_bytes) noexcept {
  limit_range(most_bytes);
  if (region.bytes != 0) shrink_reservation(most_bytes);
}

void shrink_reservation(std::size_t bytes) noexcept {
  if (!region_ready()) return;
  const all_parts held;
  shrink_region(bytes);
}

bool prepare_to_lock_memory() noexcept {
  const bool was_frugal = is_frugal();
  if (!region_ready()) return was_frugal;
  const all_parts held;
  be_frugal(true);
  give_up_unused_pages();
  give_up_unused_places();
  give_up_owners();
  return was_frugal;
}

void note_locked_memory(bool is_locked_later, bool is_filled) noexcept {
  be_frugal(is_locked_later);
  if (!is_filled || !region_ready()) return;
  const all_parts held;
  return_clean_pages();
  return_gone_places();
}

}  // namespace connarena::core
