// wire.hpp - what the test servers and their clients say to each other.
//
// A request is a header and so many bytes, all the same; the reply is as many bytes
// as the header asks for, all like the request's. A client sends its next request
// after it has the reply.
#pragma once

#include <cstdint>

namespace attribution {

struct request_header {
  std::uint32_t request_bytes;  ///< at least 1
  std::uint32_t reply_bytes;    ///< at least 2; of the cache no more than request_bytes
};

/// What the cache takes and gives at once.
inline constexpr std::uint32_t most_cached_bytes = 16 * 1024;

}  // namespace attribution
