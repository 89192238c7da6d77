#include "shim/lifetime/quiescence.hpp"

#include <fcntl.h>
#include <pthread.h>

#include "api/checks.hpp"
#include "api/core.hpp"
#include "shim/beneath/replaced_calls.hpp"
#include "shim/handler_safe/allowed_calls.hpp"
#include "shim/handler_safe/chunked_table.hpp"
#include "shim/handler_safe/errno_kept.hpp"
#include "shim/handler_safe/free_indices.hpp"
#include "shim/handler_safe/held_signals.hpp"
#include "shim/handler_safe/inside_core.hpp"
#include "shim/handler_safe/process_identity.hpp"
#include "shim/lifetime/descriptor_table.hpp"

namespace connarena::shim {

namespace detail {
constinit thread_local own_place this_place __attribute__((tls_model("initial-exec")));
constinit std::atomic<bool> is_work_left{false};
}  // namespace detail

namespace {

using detail::this_place;
using detail::thread_place;

constexpr unsigned number_bits = 16;
constexpr unsigned numbers_in_set = 64 / number_bits;
/// In the place of the last number: more than the set has room for.
constexpr std::uint64_t many = 0xFFFF;

// The smallest connection has the better part of a page.
constexpr std::size_t least_bytes_of_connection = 4096;

chunked_table<thread_place, 64, 1024> places;
free_indices free_places;
std::atomic<moment> last_closing{0};

constinit std::atomic<end_within> end_of_closed{nullptr};

pthread_key_t thread_end_key;
bool has_thread_end_key = false;
void (*end_of_thread)() noexcept = nullptr;

std::uint64_t number_in(std::uint64_t servers, unsigned at) noexcept {
  return servers >> (at * number_bits) & many;
}

/// Of a closed connection that is on no list. The set of its servers fills from its start.
void check(const ending& closed) noexcept {
  if constexpr (checks_invariants) {
    CONNARENA_DCHECK(closed.closed_at != 0 && closed.closed_at <= last_closing.load());
    const std::uint64_t servers = closed.servers.load(std::memory_order_relaxed);
    for (unsigned at = 1; at < numbers_in_set; ++at) {
      CONNARENA_DCHECK(number_in(servers, at) == 0 || number_in(servers, at - 1) != 0);
    }
  }
}

/// Of the calling thread, which has a place.
void check_own_place() noexcept {
  if constexpr (checks_invariants) {
    CONNARENA_DCHECK(this_place.number != 0 && this_place.number < many && !this_place.has_ended);
    const moment passed = this_place.place->passed.load();
    CONNARENA_DCHECK(passed == all_moments || passed <= last_closing.load());
  }
}

using ending_list = std::atomic<ending*>;

/// Closed connections that are anybody's to settle.
constinit ending_list left_over{nullptr};

void push(ending& closed, ending_list& to) noexcept {
  ending* top = to.load(std::memory_order_relaxed);
  do {
    closed.next.store(top, std::memory_order_relaxed);
    // seq_cst: comes before the pusher's look at `passed`, and
    // release: pairs with the exchange that takes the list
  } while (!to.compare_exchange_weak(top, &closed));
}

ending* take_list(ending_list& from) noexcept { return from.exchange(nullptr); }

ending* after(const ending& in_list) noexcept {
  return in_list.next.load(std::memory_order_relaxed);
}

void leave_to_others(ending& closed) noexcept {
  push(closed, left_over);
  say_whether_work_is_left(true);
}

/// Whether a read from a connection blocks. A descriptor that was closed meanwhile may be
/// another's.
bool blocks(int fd, std::uint32_t from) noexcept {
  if (!may_ask_sockets()) return false;
  const errno_kept kept;
  const int status = next().fcntl(fd, F_GETFL);
  return status >= 0 && (status & O_NONBLOCK) == 0 && index_of(connection_at(fd)) == from;
}

/// Whether a thread is in a blocking read, on a connection that has not closed. Pre: all
/// threads were fenced since the one in question closed, or was put in the thread's list.
bool is_in_read(const thread_place& place) noexcept {
  // acquire: pairs with the release that ends a read
  const std::uint64_t reading = place.reading.load(std::memory_order_acquire);
  const auto from = static_cast<std::uint32_t>(reading);
  const auto fd = static_cast<int>(reading >> 32);
  return from != 0 && blocks(fd, from);
}

/// A thread that served a connection and has yet to pass its closing; null: none.
thread_place* find_absent(ending& of) noexcept {
  const std::uint64_t servers = of.servers.load(std::memory_order_relaxed);
  const bool are_many = number_in(servers, numbers_in_set - 1) == many;
  const std::uint32_t end = are_many ? free_places.end() : numbers_in_set;
  for (; of.asked < end; ++of.asked) {
    const std::uint64_t number = are_many ? of.asked : number_in(servers, of.asked);
    thread_place* const place = number != 0 ? places.find(number) : nullptr;
    if (place == nullptr || place->passed.load() >= of.closed_at) continue;
    const bool may_read = place != this_place.place && place->reading.load() != 0;
    if (may_read && core::fence_all_threads() && is_in_read(*place)) continue;
    return place;
  }
  return nullptr;
}

/// Hands a connection on to a thread that it waits for, unless that has passed meanwhile.
/// One that begins to read says so before it looks at its list.
bool hand_on(ending& closed, thread_place& to) noexcept {
  // Once it is in the list it may be anybody's.
  const moment closed_at = closed.closed_at;
  push(closed, to.list);
  if (to.passed.load() >= closed_at) return false;
  return !core::fence_all_threads() || !is_in_read(to);
}

/// Puts a list before another.
ending* joined(ending* first, ending* rest) noexcept {
  if (first == nullptr) return rest;
  ending* last = first;
  while (ending* const next = after(*last)) last = next;
  last->next.store(rest, std::memory_order_relaxed);
  return first;
}

/// Ends each connection of a list or hands it on. What others have not taken of what was
/// handed on too late is settled as well; what is beyond so many bytes is left to others.
void settle_list(ending* list, std::size_t bytes_left = SIZE_MAX) noexcept {
  // relaxed: it was set before what is in the list was put there
  const end_within end = end_of_closed.load(std::memory_order_relaxed);
  while (list != nullptr) {
    ending& closed = *list;
    list = after(closed);
    check(closed);
    if (bytes_left < least_bytes_of_connection) {
      leave_to_others(closed);
      continue;
    }
    bytes_left -= least_bytes_of_connection;
    if (thread_place* const absent = find_absent(closed)) {
      if (!hand_on(closed, *absent)) list = joined(take_list(absent->list), list);
    } else if (!end(closed, bytes_left)) {
      leave_to_others(closed);
    }
  }
}

/// Settles a list with signals held back: a program that lets them in only where it waits
/// may use malloc in its handlers.
void settle(ending_list& of, std::size_t most_bytes = SIZE_MAX) noexcept {
  if (of.load() == nullptr) return;
  if (!may_tidy()) return settle_list(take_list(of), most_bytes);
  const held_signals held;
  settle_list(take_list(of), most_bytes);
}

/// The first call is one of the thread's own destructors, and others may follow it.
void end_thread(void* value) noexcept {
  if (value != &this_place) {
    pthread_setspecific(thread_end_key, &this_place);
    return;
  }
  this_place.place->passed.store(all_moments);
  end_of_thread();
}

/// The thread's place, given to it now if it has none; null if there is none for it.
thread_place* own_place() noexcept {
  if (this_place.place != nullptr) return this_place.place;
  if (this_place.has_ended || !has_thread_end_key) return nullptr;
  const std::uint32_t number = free_places.take(places);
  thread_place* const place = number < many ? places.make(number) : nullptr;
  if (place != nullptr) place->passed.store(last_closing.load());
  this_place = {place, static_cast<std::uint16_t>(number), place == nullptr};
  if (place != nullptr) pthread_setspecific(thread_end_key, place);
  return place;
}

}  // namespace

void add_server(ending& of) noexcept {
  if (own_place() == nullptr) return;
  std::uint64_t seen = of.servers.load(std::memory_order_relaxed);
  std::uint64_t with_own = 0;
  do {
    unsigned at = 0;
    for (; at < numbers_in_set && number_in(seen, at) != 0; ++at) {
      if (number_in(seen, at) == this_place.number) return;
    }
    with_own = at < numbers_in_set ? seen | std::uint64_t{this_place.number} << (at * number_bits)
                                   : seen | many << ((numbers_in_set - 1) * number_bits);
  } while (seen != with_own && !of.servers.compare_exchange_weak(seen, with_own));
}

void end_when_quiet(ending& of, end_within end) noexcept {
  end_of_closed.store(end, std::memory_order_relaxed);
  add_server(of);
  of.closed_at = last_closing.fetch_add(1) + 1;
  of.asked = 0;
  check(of);
  if (thread_place* const place = own_place()) return push(of, place->list);
  leave_to_others(of);
}

void try_last_closed(bool (*end)(ending& closed) noexcept) noexcept {
  thread_place* const own = this_place.place;
  if (own == nullptr || own->list.load(std::memory_order_relaxed) == nullptr) return;
  ending* list = take_list(own->list);
  if (list == nullptr) return;
  ending* const rest = after(*list);
  if (end(*list)) list = rest;
  ending* none = nullptr;
  if (own->list.compare_exchange_strong(none, list)) return;
  while (list != nullptr) {
    ending& closed = *list;
    list = after(closed);
    push(closed, own->list);
  }
}

void settle_own(std::size_t most_bytes) noexcept {
  check_own_place();
  settle(this_place.place->list, most_bytes);
  check_own_place();
}

void settle_left_over() noexcept { settle(left_over); }

bool is_any_left_over() noexcept { return left_over.load() != nullptr; }

/// Each wait of each thread reads the word: it is written where it changes.
void say_whether_work_is_left(bool is_left) noexcept {
  // seq_cst: comes after what is left was put there, and before the looks of one who
  // clears it or of one who is the last to wait
  if (detail::is_work_left.load() != is_left) detail::is_work_left.store(is_left);
}

bool is_last_to_wait() noexcept {
  for (std::uint32_t number = 1; number < free_places.end(); ++number) {
    const thread_place* const place = places.find(number);
    if (place == nullptr || place == this_place.place) continue;
    if (place->passed.load() != all_moments && place->reading.load() == 0) return false;
  }
  return true;
}

void call_at_thread_ends(void (*end)() noexcept) noexcept {
  end_of_thread = end;
  has_thread_end_key = pthread_key_create(&thread_end_key, end_thread) == 0;
}

void leave_place() noexcept {
  const detail::own_place left = this_place;
  this_place = {nullptr, 0, true};
  free_places.give_back(left.number, *left.place);
}

void stop_reading() noexcept {
  if (this_place.place != nullptr) this_place.place->reading.exchange(0);
}

void stop_waiting() noexcept {
  thread_place* const own = this_place.place;
  if (own == nullptr || own->passed.load(std::memory_order_relaxed) != all_moments) return;
  // seq_cst: whoever still finds the thread waiting does so before it goes on.
  own->passed.exchange(last_closing.load());
}

bool passes_in_read(int fd, connection_id from) noexcept {
  if (!blocks(fd, index_of(from))) return false;
  this_place.place->passed.exchange(last_closing.load());
  return true;
}

void prepare_quiescence() noexcept { static_cast<void>(places.make(0)); }

void reset_quiescence_in_child() noexcept {
  for (std::uint32_t number = 1; number < free_places.end(); ++number) {
    thread_place* const place = places.find(number);
    if (place == nullptr || place == this_place.place) continue;
    place->passed.store(all_moments);
    place->reading.store(0);
    settle_list(take_list(place->list));
  }
}

}  // namespace connarena::shim
