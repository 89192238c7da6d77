// descriptors.hpp - descriptors become connections, are copied and cease to be.
//
// A descriptor's word is taken out of the table before the descriptor is closed: another
// thread may get the number at once. What changes the table does nothing in a child of
// vfork.
#pragma once

#include "shim/lifetime/connections.hpp"
#include "shim/lifetime/descriptor_table.hpp"

namespace connarena::shim {

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
