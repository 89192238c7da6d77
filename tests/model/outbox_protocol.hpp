// outbox_protocol.hpp - how small blocks come from a thread's outbox to their lane, step by
// step, as arena/small/outboxes.cpp and arena/small/remote_free.cpp do it: a model of one
// lane, threads that free blocks of it, and one that makes the lane whole: to count it, or
// to end it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace model {

/// What is wrong on purpose, to see that the walk finds it.
enum class outbox_mistake : std::uint8_t {
  none,
  no_second_look,      ///< who pushes blocks does not ask whose pages they are in by then
  says_before_guard,   ///< a thread says that it has an outbox before it takes the guard
  looks_before_word,   ///< who empties the outboxes takes the word back afterwards
  pushes_after_guard,  ///< a thread gives its guard back before it pushes
};

inline constexpr std::size_t freeing_threads = 2;

struct freeing_thread {
  std::uint8_t at;       ///< step
  std::uint8_t guard;    ///< of its outbox
  std::uint8_t box;      ///< blocks in there
  std::uint8_t passing;  ///< blocks that it has taken out of there
  std::uint8_t freed;    ///< blocks so far
};

struct outbox_state {
  std::uint8_t has_outboxes;  ///< the lane's word
  std::uint8_t remote;        ///< blocks in the lane's list
  std::uint8_t has_moved;     ///< the lane has ended, and its pages are elsewhere
  std::uint8_t arrived;       ///< blocks that were collected, or passed on to where the page is
  std::uint8_t round;         ///< of whoever makes the lane whole: it counts, then it ends it
  std::uint8_t at;
  std::uint8_t looked;  ///< threads whose outboxes it has looked into
  std::array<freeing_thread, freeing_threads> threads;
};

class outbox_protocol {
 public:
  /// `ends_after`: the lane ends when the threads have freed what they free; else under their
  /// hands.
  outbox_protocol(bool ends_after, outbox_mistake wrong) : ends_after_(ends_after), wrong_(wrong) {}

  [[nodiscard]] std::size_t actors() const { return freeing_threads + 1; }
  [[nodiscard]] bool step(outbox_state& state, std::size_t actor) const;
  [[nodiscard]] const char* failure_of(const outbox_state& state) const;
  [[nodiscard]] bool has_ended(const outbox_state& state) const;

 private:
  [[nodiscard]] bool put_step(outbox_state& state, freeing_thread& own) const;
  [[nodiscard]] bool free_step(outbox_state& state, freeing_thread& own) const;
  [[nodiscard]] bool whole_step(outbox_state& state) const;
  [[nodiscard]] bool empty_step(outbox_state& state) const;

  bool ends_after_;
  outbox_mistake wrong_;
};

}  // namespace model
