#include "shim/lifetime/disconnect.hpp"

#include <arpa/inet.h>
#include <atomic>
#include <cstring>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "shim/handler_safe/allowed_calls.hpp"
#include "shim/handler_safe/errno_kept.hpp"
#include "shim/handler_safe/held_signals.hpp"
#include "shim/handler_safe/known_descriptors.hpp"
#include "shim/lifetime/current_limits.hpp"
#include "shim/lifetime/descriptor_table.hpp"
#include "shim/lifetime/disconnect_gate.hpp"
#include "shim/lifetime/socket_kind.hpp"
#include "shim/live/publisher.hpp"
#include "shim/report/summary.hpp"
#include "shim/settings/text.hpp"

namespace connarena::shim {
namespace {

constinit std::atomic<bool> are_some_left{false};

using peer_text = text<INET6_ADDRSTRLEN + 20>;

peer_text text_of(const sockaddr_storage& peer) noexcept {
  peer_text words;
  char shown[INET6_ADDRSTRLEN] = {};
  if (peer.ss_family == AF_INET) {
    sockaddr_in address;
    std::memcpy(&address, &peer, sizeof address);
    inet_ntop(AF_INET, &address.sin_addr, shown, sizeof shown);
    return words.add(shown).add(":").add_number(ntohs(address.sin_port));
  }
  if (peer.ss_family != AF_INET6) return words.add("a local socket");
  sockaddr_in6 address;
  std::memcpy(&address, &peer, sizeof address);
  inet_ntop(AF_INET6, &address.sin6_addr, shown, sizeof shown);
  if (IN6_IS_ADDR_V4MAPPED(&address.sin6_addr)) {
    inet_ntop(AF_INET, address.sin6_addr.s6_addr + 12, shown, sizeof shown);
    return words.add(shown).add(":").add_number(ntohs(address.sin6_port));
  }
  return words.add("[").add(shown).add("]:").add_number(ntohs(address.sin6_port));
}

/// The descriptor that leads to a connection; -1: none does any more.
int descriptor_of(connection_id connection) noexcept {
  const int usual = usual_descriptor_of(connection);
  if (usual >= 0 && connection_at(usual) == connection) return usual;
  const std::size_t end = detail::descriptors.end();
  for (std::size_t fd = 0; fd < end; ++fd) {
    if (connection_at(static_cast<int>(fd)) == connection) return static_cast<int>(fd);
  }
  return -1;
}

void say(const sockaddr_storage& peer, std::size_t held_bytes, disconnect_reason why) noexcept {
  // The program may have given the number to a connection.
  if (connection_at(STDERR_FILENO) != 0) return;
  text<300> line;
  line.add("connarena: disconnected ").add(text_of(peer).c_str()).add(", which held ");
  line.add(report::bytes_text(held_bytes).c_str());
  if (why == disconnect_reason::request) {
    line.add(", on request");
  } else {
    const limit_choice now = current_limits();
    const bool is_budget = why == disconnect_reason::budget;
    line.add(is_budget ? ": the budget is " : ": the limit is ");
    line.add(report::bytes_text(is_budget ? now.budget_bytes : now.limit_bytes).c_str());
  }
  line.add("\n").write_to(STDERR_FILENO);
}

/// False: later.
bool shut_down(connection_id connection, disconnect_reason why) noexcept {
  if (!are_descriptors_known()) return false;
  const int fd = descriptor_of(connection);
  const auto* const word = detail::descriptors.find(static_cast<std::size_t>(fd));
  if (fd < 0 || word == nullptr) return true;
  sockaddr_storage peer{};
  bool is_shut = false;
  disconnect_gate::outcome outcome{};
  {
    const held_signals meanwhile;
    outcome = disconnects.at_open(*word, connection, [&] {
      // Closed by the bare instruction, the number may be anybody's.
      if (!is_socket_of(fd, connection)) return;
      socklen_t size = sizeof peer;
      getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size);
      is_shut = shutdown(fd, SHUT_RDWR) == 0;
    });
  }
  if (is_shut) {
    live::disconnected(connection);
    say(peer, held_by(connection), why);
  }
  return outcome != disconnect_gate::outcome::busy;
}

void try_to_shut_down(connection_id connection, disconnect_reason why) noexcept {
  if (shut_down(connection, why)) return note_shut_down(connection);
  are_some_left.store(true);
}

void do_what_is_left_of_disconnects() noexcept {
  if (!are_some_left.exchange(false)) return;
  for_each_connection([](const connection_view& each) noexcept {
    if (each.is_leaving && !each.is_shut) try_to_shut_down(each.id, disconnect_reason::limit);
  });
}

}  // namespace

bool may_disconnect() noexcept { return sandbox.disconnect.holds() && may_ask_sockets(); }

bool disconnect(connection_id connection, disconnect_reason why) noexcept {
  if (!may_disconnect() || !begin_leaving(connection)) return false;
  const errno_kept kept;
  const unbroken here;
  do_what_is_left_of_disconnects();
  try_to_shut_down(connection, why);
  return true;
}

blind_close::blind_close() noexcept { disconnects.begin_blind_close(); }

blind_close::~blind_close() {
  disconnects.end_blind_close();
  const errno_kept kept;
  do_what_is_left_of_disconnects();
}

void reset_disconnects_in_child() noexcept { disconnects.reset(); }

}  // namespace connarena::shim
