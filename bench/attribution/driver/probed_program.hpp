// probed_program.hpp - a program under the preload library that can be asked what its
// connections' arenas hold.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "process/private_folder.hpp"
#include "process/server_process.hpp"

namespace attribution {

struct arena_bytes {
  std::size_t footprint = 0;
  std::size_t live = 0;
};

class probed_program {
 public:
  /// Starts the program, whose connections own their runs alone; returns when it listens.
  probed_program(std::vector<std::string> arguments, int port);

  /// By descriptor. Only connections are there.
  [[nodiscard]] std::map<int, arena_bytes> ask();

 private:
  demo::private_folder folder_;
  std::string request_;
  std::unique_ptr<demo::server_process> server_;
};

/// A connection that sends and, unless it reads, lets the answers pile up.
class held_client {
 public:
  explicit held_client(int port);
  /// Sends all of it.
  void send(const std::string& bytes);
  /// Reads until that is among what came.
  void read_until(const std::string& end);
  [[nodiscard]] std::string name() const;  ///< "ADDRESS:PORT", as the server sees it

 private:
  demo::unique_fd socket_;
};

}  // namespace attribution
