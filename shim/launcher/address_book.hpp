// address_book.hpp - the addresses of connections of several processes, who are looked at
// again and again.
#pragma once

#include <cstddef>
#include <map>
#include <vector>

#include "shim/launcher/live_segments.hpp"
#include "shim/launcher/socket_addresses.hpp"

namespace connarena::launcher {

class address_book {
 public:
  /// Fills in those of the first connections of each, so many at most, and forgets every
  /// process that has none among them.
  void look_up(std::vector<live_process>& of, std::size_t most);
  void look_up(live_process& of, std::size_t most);

 private:
  void look_up(std::map<pid_t, std::vector<live_connection*>> by_process);

  std::map<pid_t, socket_addresses> known_;
};

}  // namespace connarena::launcher
