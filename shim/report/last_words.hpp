// last_words.hpp - a text written as the process ends, which must not change how.
#pragma once

#include <cstddef>

namespace connarena::shim::report {

/// Writes up to PIPE_BUF bytes to a descriptor that has room for them within a
/// moment; else leaves them out. A reader that has gone raises no SIGPIPE, one that
/// reads no more does not block. Usable in signal handlers.
void write_last_words(int descriptor, const char* words, std::size_t length) noexcept;

}  // namespace connarena::shim::report
