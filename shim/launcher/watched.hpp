// watched.hpp - a process, or all of its service, that is looked at again and again.
#pragma once

#include <memory>
#include <optional>

#include "shim/launcher/address_book.hpp"
#include "shim/launcher/live_segments.hpp"

namespace connarena::launcher {

class watched {
 public:
  /// None: it has ended. Of the largest connections, so many, addresses are looked up.
  [[nodiscard]] std::optional<live_process> look(pid_t process, bool is_together,
                                                 std::size_t most_addresses);

 private:
  std::optional<live_process> alone(pid_t process);

  std::unique_ptr<live_segment> segment_;
  pid_t process_ = 0;
  address_book addresses_;
};

}  // namespace connarena::launcher
