// protocol.hpp - what the store's clients send: a request, and the value's bytes
// behind a put or a temporary. The answer to a get is the value; to a mark the mark.
#pragma once

#include <cstdint>

namespace store {

enum class operation : std::uint32_t {
  put,        ///< keeps a value for good, in place of the key's former one
  temporary,  ///< keeps a block until the connection closes
  get,
  mark,
};

struct request {
  operation what;
  std::uint32_t key;
  std::uint32_t size_bytes;
};

}  // namespace store
