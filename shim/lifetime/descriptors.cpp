#include "shim/lifetime/descriptors.hpp"

#include <cerrno>

#include "shim/handler_safe/allowed_calls.hpp"
#include "shim/handler_safe/errno_kept.hpp"
#include "shim/handler_safe/inside_core.hpp"
#include "shim/handler_safe/known_descriptors.hpp"
#include "shim/lifetime/disconnect_gate.hpp"
#include "shim/lifetime/socket_kind.hpp"
#include "shim/live/publisher.hpp"

namespace connarena::shim {

namespace {

std::size_t place_of(int fd) noexcept { return static_cast<std::size_t>(fd); }

void drop(connection_id taken) noexcept {
  if (taken != 0 && taken != connecting) drop_descriptor(taken);
}

}  // namespace

void put_connection(int fd, connection_id connection) noexcept {
  const unbroken here;
  const errno_kept kept;
  if (connection == 0) {
    if (connection_at(fd) != 0) drop(take_connection(fd));
    return;
  }
  if (!are_descriptors_known()) return;
  auto* const word = detail::descriptors.make(place_of(fd));
  if (word == nullptr) return drop(connection);
  // release: pairs with the acquire in connection_at
  const connection_id former = word->exchange(connection, std::memory_order_acq_rel);
  if (former > connecting) note_unseen_close(former);
  drop(former);
}

void prepare_descriptors() noexcept { static_cast<void>(detail::descriptors.make(0)); }

connection_id take_connection(int fd) noexcept {
  auto* const word = detail::descriptors.find(place_of(fd));
  if (word == nullptr || word->load(std::memory_order_relaxed) == 0) return 0;
  if (!are_descriptors_known()) return 0;
  const connection_id taken = word->exchange(0);
  if (taken == 0 || taken == connecting) return 0;
  disconnects.wait_until_left(taken);
  const errno_kept kept;
  if (!leads_to(fd, taken)) note_unseen_close(taken);
  return taken;
}

bool take_connection(int fd, connection_id expected) noexcept {
  auto* const word = detail::descriptors.find(place_of(fd));
  return word != nullptr && word->compare_exchange_strong(expected, 0, std::memory_order_acq_rel);
}

void note_failed_call(int fd, connection_id connection) noexcept {
  if (errno != EBADF && errno != ENOTSOCK) return;
  const errno_kept kept;
  // EBADF may be the other descriptor's of the call.
  if (!may_ask_sockets() || is_stream(fd) || !are_descriptors_known()) return;
  if (!take_connection(fd, connection) || connection == connecting) return;
  note_unseen_close(connection);
  drop(connection);
}

bool put_back(int fd, connection_id connection) noexcept {
  connection_id none = 0;
  // release: pairs with the acquire in connection_at
  return detail::descriptors.find(place_of(fd))
      ->compare_exchange_strong(none, connection, std::memory_order_acq_rel);
}

connection_id finish_connecting(int fd) noexcept {
  const errno_kept kept;
  auto* const word = detail::descriptors.find(place_of(fd));
  if (word == nullptr || !are_descriptors_known()) return 0;
  const connection_id begun = begin_connection(fd);
  connection_id expected = connecting;
  if (begun != 0 && word->compare_exchange_strong(expected, begun)) return begun;
  drop(begun);
  return 0;
}

void copy_connection(int original, int copy) noexcept {
  const unbroken here;
  const connection_id connection = connection_at(original);
  const bool is_shared =
      connection > connecting && are_descriptors_known() && add_descriptor(connection);
  put_connection(copy, is_shared ? connection : 0);
  if (is_shared) live::copied(connection, copy);
}

}  // namespace connarena::shim
