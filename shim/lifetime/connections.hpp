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

/// A connection as limits see it.
struct connection_view {
  connection_id id;
  core::handle arena;  ///< 0: not opened
  bool is_open;        ///< else it waits for its threads
  bool is_exempt;
  bool is_leaving, is_shut;
};
namespace detail {
[[nodiscard]] bool view_connection(std::uint32_t index, connection_view& seen) noexcept;
[[nodiscard]] std::uint32_t connections_end() noexcept;
}  // namespace detail

/// Calls `see(view)` on each that has not ended.
template <typename See>
void for_each_connection(See see) noexcept {
  connection_view seen{};
  for (std::uint32_t index = 1; index < detail::connections_end(); ++index) {
    if (detail::view_connection(index, seen)) see(seen);
  }
}

/// The connection is to be disconnected, and counts for no limit from here on. False if it
/// has closed, or was to be so before.
[[nodiscard]] bool begin_leaving(connection_id connection) noexcept;
void note_shut_down(connection_id connection) noexcept;
/// What it holds, as far as that is known; 0 when it has ended.
[[nodiscard]] std::size_t held_by(connection_id connection) noexcept;
/// A descriptor of it, unless that was closed; -1: not known.
[[nodiscard]] int usual_descriptor_of(connection_id connection) noexcept;
/// Whether a descriptor leads to its socket, as far as that is known.
[[nodiscard]] bool is_socket_of(int fd, connection_id connection) noexcept;

}  // namespace connarena::shim
