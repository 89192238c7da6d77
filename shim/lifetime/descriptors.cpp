#include "shim/lifetime/descriptors.hpp"

#include <algorithm>

#include "shim/handler_safe/errno_kept.hpp"
#include "shim/handler_safe/process_identity.hpp"

namespace connarena::shim {

namespace {

std::size_t place_of(int fd) noexcept { return static_cast<std::size_t>(fd); }

void drop(connection_id taken) noexcept {
  if (taken != 0 && taken != connecting) drop_descriptor(taken);
}

}  // namespace

void put_connection(int fd, connection_id connection) noexcept {
  const errno_kept kept;
  if (connection == 0) {
    if (connection_at(fd) != 0) drop(take_connection(fd));
    return;
  }
  if (!is_own_process()) return;
  auto* const word = detail::descriptors.make(place_of(fd));
  // release: pairs with the acquire in connection_at
  drop(word != nullptr ? word->exchange(connection, std::memory_order_acq_rel) : connection);
}

void prepare_descriptors() noexcept { static_cast<void>(detail::descriptors.make(0)); }

connection_id take_connection(int fd) noexcept {
  auto* const word = detail::descriptors.find(place_of(fd));
  if (word == nullptr || word->load(std::memory_order_relaxed) == 0) return 0;
  if (!is_own_process()) return 0;
  const connection_id taken = word->exchange(0, std::memory_order_acq_rel);
  return taken == connecting ? 0 : taken;
}

bool put_back(int fd, connection_id connection) noexcept {
  connection_id none = 0;
  // release: pairs with the acquire in connection_at
  return detail::descriptors.find(place_of(fd))
      ->compare_exchange_strong(none, connection, std::memory_order_acq_rel);
}

void drop_connections(unsigned first, unsigned last) noexcept {
  const errno_kept kept;
  const std::size_t end = std::min<std::size_t>(std::size_t{last} + 1, detail::descriptors.end());
  for (std::size_t fd = first; fd < end; ++fd) {
    if (connection_at(static_cast<int>(fd)) != 0) drop(take_connection(static_cast<int>(fd)));
  }
}

connection_id finish_connecting(int fd) noexcept {
  const errno_kept kept;
  auto* const word = detail::descriptors.find(place_of(fd));
  if (word == nullptr || !is_own_process()) return 0;
  const connection_id begun = begin_connection();
  connection_id expected = connecting;
  if (begun != 0 && word->compare_exchange_strong(expected, begun)) return begun;
  drop(begun);
  return 0;
}

void copy_connection(int original, int copy) noexcept {
  const connection_id connection = connection_at(original);
  const bool is_shared = connection > connecting && is_own_process() && add_descriptor(connection);
  put_connection(copy, is_shared ? connection : 0);
}

}  // namespace connarena::shim
