// sizes.hpp - sizes as people write them: 4096, 4K, 2M, 1G. Used by the preload
// library and the launcher.
#pragma once

#include <cstddef>

namespace connarena::shim {

/// What to answer to one who wrote something else.
inline constexpr const char* accepted_sizes = "a number of bytes, as 4096, 4K, 2M or 1G";

/// Reads a size. False, and `bytes` as it was, if it is not written as above.
[[nodiscard]] bool parse_size(const char* text, std::size_t& bytes) noexcept;

}  // namespace connarena::shim
