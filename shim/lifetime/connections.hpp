// connections.hpp - connections and their arenas.
//
// A connection counts its descriptors, and ends with the last. Its arena is opened by
// the first block that needs one: an idle connection costs its record.
//
// Without a lock: these run in signal handlers, as close does. A connection that
// ends in a handler which interrupted the core is drained by whoever, on any thread,
// next waits for events or ends a connection.
// Invariant: life == generation << 32 | descriptors; descriptors == 0 iff ended.
#pragma once

#include "api/core.hpp"
#include "shim/lifetime/connection_id.hpp"

namespace connarena::shim {

/// What their arenas are opened under, by its address.
inline constexpr char arenas_of_connections[] = "connection";

/// A connection with one descriptor, `fd`; 0 without memory.
[[nodiscard]] connection_id begin_connection(int fd) noexcept;
/// Whether a descriptor still leads to the connection's socket, as far as that is asked: where
/// survivors are not released, it makes no difference.
[[nodiscard]] bool leads_to(int fd, connection_id connection) noexcept;
/// A descriptor of it was closed unseen. What its arena holds may since be that of whatever
/// got the number: its survivors are not released.
void note_unseen_close(connection_id connection) noexcept;
/// One descriptor more. False if the connection has closed.
[[nodiscard]] bool add_descriptor(connection_id connection) noexcept;
/// One descriptor fewer; with the last the connection closes.
void drop_descriptor(connection_id connection) noexcept;

/// Room for the first ones, for a program that may not map memory later.
void prepare_connections() noexcept;

/// The calling thread serves a connection from now on.
void note_server(connection_id connection) noexcept;

/// The connection's arena, opened now if it has none; 0 if the connection has
/// closed or there is no memory. Keeps errno.
[[nodiscard]] core::handle arena_of(connection_id connection) noexcept;

/// The arena of a connection that has not ended, if it has opened one; else 0.
[[nodiscard]] core::handle present_arena_of(connection_id connection) noexcept;

}  // namespace connarena::shim
