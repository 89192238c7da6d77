#include "shim/lifetime/quiescence.hpp"

#include <fcntl.h>
#include <pthread.h>

#include "shim/beneath/replaced_calls.hpp"
#include "shim/handler_safe/allowed_calls.hpp"
#include "shim/handler_safe/chunked_table.hpp"
#include "shim/handler_safe/errno_kept.hpp"
#include "shim/handler_safe/free_indices.hpp"
#include "shim/handler_safe/held_signals.hpp"
#include "shim/handler_safe/inside_core.hpp"
#include "shim/handler_safe/process_identity.hpp"
#include "shim/lifetime/connections.hpp"
#include "shim/lifetime/descriptors.hpp"
#include "shim/lifetime/idle.hpp"

namespace connarena::shim {

namespace detail {
constinit thread_local own_place this_place __attribute__((tls_model("initial-exec")));
constinit std::atomic<bool> is_work_left{false};
}  // namespace detail

namespace {

using detail::this_place;
using detail::thread_place;

constexpr moment all_moments = waiting::all_moments;
constexpr unsigned number_bits = 16;
constexpr unsigned numbers_in_set = 64 / number_bits;
/// In the place of the last number: more than the set has room for.
constexpr std::uint64_t many = 0xFFFF;

// A sixteenth of what idle.cpp returns between two looks at events. The smallest connection
// has the better part of a page.
constexpr std::size_t most_bytes_under_mutex = std::size_t{1} << 20;
constexpr std::size_t least_bytes_of_connection = 4096;

chunked_table<thread_place, 64, 1024> places;
free_indices free_places;
std::atomic<moment> last_closing{0};

pthread_key_t thread_end_key;
bool has_thread_end_key = false;

std::uint64_t number_in(std::uint64_t servers, unsigned at) noexcept {
  return servers >> (at * number_bits) & many;
}

using record_list = std::atomic<std::uint32_t>;

/// Closed connections that are anybody's to settle.
constinit record_list left_over{0};

void push(std::uint32_t record, record_list& to) noexcept {
  std::atomic<std::uint32_t>& next = ending_of(record).next;
  std::uint32_t top = to.load(std::memory_order_relaxed);
  do {
    next.store(top, std::memory_order_relaxed);
    // seq_cst: comes before the pusher's look at `passed`, and
    // release: pairs with the exchange that takes the list
  } while (!to.compare_exchange_weak(top, record));
}

std::uint32_t take_list(record_list& from) noexcept { return from.exchange(0); }

/// Each wait of each thread reads the word: it is written where it changes.
void say_whether_work_is_left(bool is_left) noexcept {
  // seq_cst: comes after what is left was put there, and before the looks of one who
  // clears it or of one who is the last to wait
  if (detail::is_work_left.load() != is_left) detail::is_work_left.store(is_left);
}

void leave_to_others(std::uint32_t record) noexcept {
  push(record, left_over);
  say_whether_work_is_left(true);
}

/// Whether a read from a connection blocks. A descriptor that was closed meanwhile may be
/// another's.
bool blocks(int fd, std::uint32_t from) noexcept {
  if (!may_ask_sockets()) return false;
  const errno_kept kept;
  const int status = next().fcntl(fd, F_GETFL);
  return status >= 0 && (status & O_NONBLOCK) == 0 &&
         static_cast<std::uint32_t>(connection_at(fd)) == from;
}

/// Whether a thread is in a blocking read on another connection. Pre: all threads were
/// fenced since that closed, or since it was put in the thread's list.
bool is_in_read(const thread_place& place, std::uint32_t closed) noexcept {
  // acquire: pairs with the release that ends a read
  const std::uint64_t reading = place.reading.load(std::memory_order_acquire);
  const auto from = static_cast<std::uint32_t>(reading);
  const auto fd = static_cast<int>(reading >> 32);
  return from != 0 && from != closed && blocks(fd, from);
}

/// A thread that served a connection and has yet to pass its closing; null: none.
thread_place* find_absent(std::uint32_t record) noexcept {
  ending& of = ending_of(record);
  const std::uint64_t servers = of.servers.load(std::memory_order_relaxed);
  const bool are_many = number_in(servers, numbers_in_set - 1) == many;
  const std::uint32_t end = are_many ? free_places.end() : numbers_in_set;
  for (; of.asked < end; ++of.asked) {
    const std::uint64_t number = are_many ? of.asked : number_in(servers, of.asked);
    thread_place* const place = number != 0 ? places.find(number) : nullptr;
    if (place == nullptr || place->passed.load() >= of.closed_at) continue;
    const bool may_read = place != this_place.place && place->reading.load() != 0;
    if (may_read && core::fence_all_threads() && is_in_read(*place, record)) continue;
    return place;
  }
  return nullptr;
}

/// Hands a connection on to a thread that it waits for, unless that has passed meanwhile.
/// One that begins to read says so before it looks at its list.
bool hand_on(std::uint32_t record, thread_place& to, moment closed_at) noexcept {
  push(record, to.list);
  if (to.passed.load() >= closed_at) return false;
  return !core::fence_all_threads() || !is_in_read(to, record);
}

/// Puts a list before another.
std::uint32_t joined(std::uint32_t first, std::uint32_t rest) noexcept {
  if (first == 0) return rest;
  std::uint32_t last = first;
  while (const std::uint32_t next = ending_of(last).next.load(std::memory_order_relaxed)) {
    last = next;
  }
  ending_of(last).next.store(rest, std::memory_order_relaxed);
  return first;
}

/// Ends each connection of a list or hands it on. What others have not taken of what was
/// handed on too late is settled as well; what is beyond so many bytes is left to others.
void settle_list(std::uint32_t list, std::size_t bytes_left = SIZE_MAX) noexcept {
  while (list != 0) {
    const std::uint32_t record = list;
    const ending& of = ending_of(record);
    list = of.next.load(std::memory_order_relaxed);
    std::size_t bytes = least_bytes_of_connection;
    thread_place* const absent = bytes <= bytes_left ? find_absent(record) : nullptr;
    if (absent == nullptr) bytes += footprint_of_closed(record);
    if (bytes > bytes_left) {
      leave_to_others(record);
      continue;
    }
    bytes_left -= bytes;
    if (absent == nullptr) {
      end_closed(record);
    } else if (!hand_on(record, *absent, of.closed_at)) {
      list = joined(take_list(absent->list), list);
    }
  }
}

/// Settles a list with signals held back: a program that lets them in only where it waits
/// may use malloc in its handlers.
void settle(record_list& of, std::size_t most_bytes = SIZE_MAX) noexcept {
  if (of.load() == 0) return;
  if (!may_tidy()) return settle_list(take_list(of), most_bytes);
  const held_signals held;
  settle_list(take_list(of), most_bytes);
}

/// Whether all other threads that ever served a connection wait, read or have ended. Of two that
/// come at the same time at least one sees the other: each says first that it waits.
bool is_last_to_wait(const thread_place* own) noexcept {
  for (std::uint32_t number = 1; number < free_places.end(); ++number) {
    const thread_place* const place = places.find(number);
    if (place == nullptr || place == own) continue;
    if (place->passed.load() != all_moments && place->reading.load() == 0) return false;
  }
  return true;
}

void settle_under_mutex(thread_place* own) noexcept {
  settle(own->list, most_bytes_under_mutex);
  if (is_left_untidy()) say_whether_work_is_left(true);
  const bool is_due = left_over.load() != 0 || may_tidy_in_passing();
  if (is_due && is_last_to_wait(own)) do_what_is_left();
}

/// After the thread's own destructors, which may close connections.
void end_thread(void* value) noexcept {
  if (value != &this_place) {
    pthread_setspecific(thread_end_key, &this_place);
    return;
  }
  this_place.place->passed.store(all_moments);
  detail::settle_own_list(under::nothing_known);
  thread_place* const own = this_place.place;
  const std::uint32_t number = this_place.number;
  this_place = {nullptr, 0, true};
  free_places.give_back(number, *own);
  tidy_at_thread_end();
}

[[gnu::constructor]] void make_thread_end_key() noexcept {
  has_thread_end_key = pthread_key_create(&thread_end_key, end_thread) == 0;
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
  note_usual_signals();
  return place;
}

}  // namespace

void detail::settle_own_list(under what) noexcept {
  if (is_inside_core() || !is_own_process()) return;
  const errno_kept kept;
  thread_place* const own = this_place.place;
  if (what == under::a_mutex) return settle_under_mutex(own);
  settle(own->list);
  do_what_is_left();
}

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

void end_when_quiet(std::uint32_t record) noexcept {
  ending& of = ending_of(record);
  add_server(of);
  of.closed_at = last_closing.fetch_add(1) + 1;
  of.asked = 0;
  if (thread_place* const place = own_place()) return push(record, place->list);
  leave_to_others(record);
}

void do_what_is_left() noexcept {
  say_whether_work_is_left(false);
  settle(left_over);
  tidy_in_passing();
  if (is_left_untidy()) say_whether_work_is_left(true);
}

void try_last_closed(bool (*end)(std::uint32_t record)) noexcept {
  if (!is_waited_for()) return;
  thread_place& own = *this_place.place;
  std::uint32_t list = take_list(own.list);
  if (list == 0) return;
  const std::uint32_t rest = ending_of(list).next.load(std::memory_order_relaxed);
  if (end(list)) list = rest;
  std::uint32_t none = 0;
  if (own.list.compare_exchange_strong(none, list)) return;
  while (list != 0) {
    const std::uint32_t record = list;
    list = ending_of(record).next.load(std::memory_order_relaxed);
    push(record, own.list);
  }
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

void detail::pass_at_read(int fd, connection_id from) noexcept {
  if (!blocks(fd, static_cast<std::uint32_t>(from))) return;
  this_place.place->passed.exchange(last_closing.load());
  detail::settle_own_list(under::nothing_known);
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
