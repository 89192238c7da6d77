// requests.hpp - what the peer of a session sends, and how the session answers.
#pragma once

#include <nghttp2/nghttp2.h>

#include <cstdint>
#include <vector>

namespace sessions {

/// The bytes of a client's requests, one after the other; the first begin the connection.
[[nodiscard]] std::vector<std::vector<std::uint8_t>> record_requests(unsigned count);

/// Calls of a server that answers each request with headers and 2,000 bytes.
[[nodiscard]] nghttp2_session_callbacks* server_calls();

/// Gives the session one of those requests, and takes its answer. False where it fails.
[[nodiscard]] bool serve(nghttp2_session* session, const std::vector<std::uint8_t>& request);

}  // namespace sessions
