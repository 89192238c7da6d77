// redis_clients.hpp - what redis-server says that its clients hold, against their arenas.
#pragma once

#include <string>

namespace attribution {

/// A table in Markdown.   Fails: redis-server is missing, or does not answer.
[[nodiscard]] std::string redis_table();

}  // namespace attribution
