// stunnel_load.hpp - stunnel: TLS before an echo server, a thread per connection.
#pragma once

#include <memory>

#include "loads/load.hpp"

namespace demo {

[[nodiscard]] std::unique_ptr<load> make_stunnel_load();

}  // namespace demo
