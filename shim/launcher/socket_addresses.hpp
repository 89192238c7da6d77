// socket_addresses.hpp - what a process's sockets are and where they lead, as the system
// tells: the process itself need not know.
//
// Which socket a descriptor is may be asked by the process's user, while it is none that
// keeps its memory to itself, and by root. Who may not is told nothing.
#pragma once

#include <sys/types.h>

#include <string>
#include <unordered_map>
#include <vector>

#include "shim/launcher/live_segments.hpp"

namespace connarena::launcher {

/// Keeps what it found: a connection's addresses never change.
class socket_addresses {
 public:
  explicit socket_addresses(pid_t process);
  /// Fills in kinds and addresses.
  void look_up(std::vector<live_connection>& connections);

 private:
  struct socket {
    std::string kind, local, peer;
  };
  using by_inode = std::unordered_map<std::string, socket*>;

  void find(std::vector<live_connection>& unknown);
  void read_internet(const char* table, const char* kind, const by_inode& wanted) const;
  void read_unix(const by_inode& wanted) const;

  std::string folder_;
  std::unordered_map<std::uint64_t, socket> known_;  ///< by a connection's id
};

}  // namespace connarena::launcher
