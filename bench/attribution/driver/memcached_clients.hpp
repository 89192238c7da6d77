// memcached_clients.hpp - what memcached's connections hold, as it says and by its
// buffers' known sizes, against their arenas.
#pragma once

#include <string>

namespace attribution {

/// A table in Markdown.   Fails: memcached is missing, or does not answer.
[[nodiscard]] std::string memcached_table();

}  // namespace attribution
