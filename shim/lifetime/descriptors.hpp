// descriptors.hpp - descriptors become connections, are copied and cease to be.
//
// A descriptor's word is taken out of the table before the descriptor is closed: another
// thread may get the number at once. What changes the table does nothing where another table
// of descriptors is in use: in a child of vfork, and in a thread that has left the process's.
#pragma once

#include "shim/lifetime/connections.hpp"
#include "shim/lifetime/descriptor_table.hpp"

namespace connarena::shim {

/// Makes a descriptor a connection's, or `connecting`; 0: it is none. A connection that was
/// there was closed unseen, and loses its descriptor.
void put_connection(int fd, connection_id connection) noexcept;

/// The system has just made this descriptor, of something that is no connection. Returns it;
/// one that is negative is none.
inline int made_descriptor(int fd) noexcept {
  if (fd >= 0 && connection_at(fd) != 0) [[unlikely]]
    put_connection(fd, 0);
  return fd;
}

/// As prepare_connections.
void prepare_descriptors() noexcept;

/// Takes a descriptor's word out; the caller owes a drop_descriptor. Keeps errno.
[[nodiscard]] connection_id take_connection(int fd) noexcept;

/// Puts a word back that was taken out, where the descriptor has not been closed after all.
/// False if another word is there by now.
[[nodiscard]] bool put_back(int fd, connection_id connection) noexcept;

/// The same if it is `expected`.
[[nodiscard]] bool take_connection(int fd, connection_id expected) noexcept;

/// A call on the descriptor failed: if it leads to no socket, it was closed unseen.
void note_failed_call(int fd, connection_id connection) noexcept;

/// Turns `connecting` into a connection and returns it; 0 if another thread was
/// first or memory is short.
[[nodiscard]] connection_id finish_connecting(int fd) noexcept;

/// `copy` now is what `original` is, as after dup. Keeps errno.
void copy_connection(int original, int copy) noexcept;

}  // namespace connarena::shim
