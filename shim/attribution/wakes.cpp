#include "shim/attribution/wakes.hpp"

#include <cstddef>
#include <cstdint>
#include <utility>

#include "shim/attribution/ambient.hpp"
#include "shim/attribution/unclaimed.hpp"
#include "shim/attribution/waking_place.hpp"
#include "shim/handler_safe/inside_core.hpp"
#include "shim/handler_safe/running_handlers.hpp"
#include "shim/settings/settings.hpp"

namespace connarena::shim {
namespace {

// The queues of a program that are in use at one time. Of two that meet here the one where
// a thread came to wait last has the place.
constexpr unsigned place_bits = 6;
constinit waking_place places[std::size_t{1} << place_bits];

waking_place& home_of(const void* address) noexcept {
  const std::uint64_t spread = reinterpret_cast<std::uintptr_t>(address) * 0x9E3779B97F4A7C15u;
  return places[spread >> (64 - place_bits)];
}

/// Where somebody has come to wait before; else null.
waking_place* known_place(const void* address) noexcept {
  waking_place& home = home_of(address);
  return home.is_at(address) ? &home : nullptr;
}

/// The condition at which the calling thread last got a job.
struct source {
  waking_place* place = nullptr;
  const void* address = nullptr;
  std::uint32_t epoch = 0;  ///< while the thread is in
};
constinit thread_local source last_source __attribute__((tls_model("initial-exec")));

waking_place* last_place() noexcept {
  waking_place* const place = last_source.place;
  return place != nullptr && place->is_at(last_source.address) ? place : nullptr;
}

/// What the thread makes next may be for the next job of its source. Pre: that is there.
void enter_source() noexcept {
  last_source.epoch = last_source.place->enter();
  this_thread_state.may_have_job = true;
  choose_direct_sizes();
}

void leave_source() noexcept {
  if (!std::exchange(this_thread_state.may_have_job, false)) return;
  if (waking_place* const place = last_place()) place->leave(last_source.epoch);
  choose_direct_sizes();
}

void serve_next_of(waking_place& place) noexcept {
  const connection_id left = place.take(&last_source);
  const thread_state& self = this_thread_state;
  const bool knows_better = self.serving != 0 && self.last_sign >= sign::received;
  if (left == 0 || knows_better || !place.is_one_to_one()) return;
  // What is freed with a connection has to be its own for certain.
  if (current_settings.releases_survivors) return;
  serve(left);
  this_thread_state.last_sign = sign::woken;
}

/// A thread that has only its waker's word has handed on what it made: what it makes next is
/// for its next job.
void hand_on() noexcept {
  const thread_state& self = this_thread_state;
  if (self.serving != 0 && self.last_sign != sign::woken) return;
  end_stretch();
  // A job that needed no run has its number, too.
  take_job();
  serve_none();
  if (last_place() != nullptr) enter_source();
}

void leave_at(waking_place& place) noexcept {
  place.put(this_thread_state.serving);
  if (runs_handler() || is_inside_core()) return;
  // A queue that has become less full is no job that is handed on.
  const waking_place* const mine = last_place();
  if (mine == nullptr || mine->mutex() != place.mutex()) hand_on();
}

void come_to(const void* at, const void* mutex) noexcept {
  end_job();
  if (detail::connections_end() > 1) home_of(at).found_empty(at, mutex);
}

}  // namespace

void end_job() noexcept {
  end_stretch();
  leave_source();
  const thread_state& self = this_thread_state;
  if (self.serving != 0 && self.last_sign == sign::woken) serve_none();
}

void leave_for_woken(const pthread_cond_t* condition) noexcept {
  waking_place* const place = known_place(condition);
  if (place != nullptr) leave_at(*place);
}

void leave_for_taker(const void* counter) noexcept {
  waking_place& place = home_of(counter);
  if (!place.is_at(counter)) {
    if (this_thread_state.serving == 0) return;
    place.found_empty(counter, nullptr);
  }
  if (!place.has_last_taken(&last_source)) return leave_at(place);
  // A lock: it hands nothing on.
  place.note_miss();
  place.put(0);
}

void come_to_wait(const pthread_cond_t* condition, const void* mutex) noexcept {
  come_to(condition, mutex);
}
void come_to_wait(const sem_t* semaphore) noexcept { come_to(semaphore, nullptr); }

void note_woken(const pthread_cond_t* condition) noexcept {
  waking_place* const place = known_place(condition);
  if (place == nullptr) return;
  leave_source();
  last_source = {place, condition};
  enter_source();
}

void note_taken(const void* counter, std::uint64_t count) noexcept {
  if (detail::connections_end() <= 1) return;
  waking_place* const place = &home_of(counter);
  if (!place->is_at(counter)) place->found_empty(counter, nullptr);
  leave_source();
  last_source = {};
  if (count == 1) return serve_next_of(*place);
  // Of several jobs at once it is not known which comes first.
  for (; count > 0; --count) static_cast<void>(place->take(&last_source));
}

void take_job() noexcept {
  if (!this_thread_state.may_have_job || is_inside_core()) return;
  leave_source();
  if (waking_place* const place = last_place()) serve_next_of(*place);
}

}  // namespace connarena::shim
