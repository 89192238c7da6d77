// descriptors.hpp - which connection a descriptor is.
//
// One word a descriptor, read without a lock. A word is taken out before the
// descriptor is closed: another thread may get the number at once.
// What changes the table does nothing in a child of vfork.
#pragma once

#include <atomic>
#include <cstddef>

#include "shim/handler_safe/chunked_table.hpp"
#include "shim/lifetime/connections.hpp"

namespace connarena::shim {

/// A socket whose connect is under way: a connection once it transfers bytes.
/// Generations start at 1, so it names no connection.
inline constexpr connection_id connecting = 1;

namespace detail {
// 2^28 descriptors; the system's own bound is lower by default.
using descriptor_table = chunked_table<std::atomic<connection_id>, 16384, 16384>;
extern constinit descriptor_table descriptors;
}  // namespace detail

/// 0: no connection.
[[nodiscard]] inline connection_id connection_at(int fd) noexcept {
  const auto* const word = detail::descriptors.find(static_cast<std::size_t>(fd));
  // acquire: pairs with the release in put_connection
  return word != nullptr ? word->load(std::memory_order_acquire) : 0;
}

/// Makes a descriptor a connection's, or `connecting`. What was there was closed
/// behind our back, and loses its descriptor.
void put_connection(int fd, connection_id connection) noexcept;

/// As prepare_connections.
void prepare_descriptors() noexcept;

/// Takes a descriptor's word out; the caller owes a drop_descriptor. Keeps errno.
[[nodiscard]] connection_id take_connection(int fd) noexcept;

/// Puts a word back that was taken out, where the descriptor has not been closed after all.
/// False if another word is there by now.
[[nodiscard]] bool put_back(int fd, connection_id connection) noexcept;

/// Takes out and drops all descriptors from `first` to `last`.
void drop_connections(unsigned first, unsigned last) noexcept;

/// Turns `connecting` into a connection and returns it; 0 if another thread was
/// first or memory is short.
[[nodiscard]] connection_id finish_connecting(int fd) noexcept;

/// `copy` now is what `original` is, as after dup. Keeps errno.
void copy_connection(int original, int copy) noexcept;

}  // namespace connarena::shim
