#include "sessions/requests.hpp"

#include <algorithm>
#include <cstring>
#include <initializer_list>
#include <string>
#include <utility>

namespace sessions {
namespace {

constexpr std::size_t reply_bytes = 2000;

using text_header = std::pair<std::string, std::string>;

/// A view of headers, as nghttp2 takes them.
std::vector<nghttp2_nv> headers_of(const std::vector<text_header>& texts) {
  std::vector<nghttp2_nv> headers;
  for (const auto& [name, value] : texts) {
    const auto bytes = [](const std::string& text) {
      return const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(text.data()));
    };
    headers.push_back({bytes(name), bytes(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE});
  }
  return headers;
}

/// As a browser sends them: most are the same each time, and are then in the header table.
std::vector<text_header> request_headers(unsigned number) {
  return {{":method", "GET"},
          {":scheme", "https"},
          {":authority", "www.example.org"},
          {":path", "/articles/" + std::to_string(number) + "/index.html"},
          {"user-agent", "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"},
          {"accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"},
          {"accept-language", "en-GB,en;q=0.7,de;q=0.3"},
          {"referer", "https://www.example.org/articles/" + std::to_string(number - 1)},
          {"cookie", "session=" + std::string(60, static_cast<char>('a' + number % 26))}};
}

std::vector<std::uint8_t> all_to_send(nghttp2_session* session) {
  std::vector<std::uint8_t> bytes;
  const std::uint8_t* part = nullptr;
  for (ssize_t length; (length = nghttp2_session_mem_send(session, &part)) > 0;) {
    bytes.insert(bytes.end(), part, part + length);
  }
  return bytes;
}

ssize_t read_reply(nghttp2_session*, std::int32_t, std::uint8_t* to, std::size_t room,
                   std::uint32_t* flags, nghttp2_data_source*, void*) {
  // Shorter than a frame and than what the peer lets us send: read once.
  const std::size_t length = std::min(room, reply_bytes);
  std::memset(to, 'r', length);
  *flags |= NGHTTP2_DATA_FLAG_EOF;
  return static_cast<ssize_t>(length);
}

int answer(nghttp2_session* session, const nghttp2_frame* frame, void*) {
  if (frame->hd.type != NGHTTP2_HEADERS) return 0;
  static const std::vector<text_header> texts = {{":status", "200"},
                                                 {"server", "sessions"},
                                                 {"content-type", "text/html; charset=utf-8"},
                                                 {"cache-control", "max-age=3600"},
                                                 {"vary", "Accept-Encoding, Cookie"}};
  static const std::vector<nghttp2_nv> headers = headers_of(texts);
  const nghttp2_data_provider body = {{.ptr = nullptr}, read_reply};
  return nghttp2_submit_response(session, frame->hd.stream_id, headers.data(), headers.size(),
                                 &body);
}

}  // namespace

std::vector<std::vector<std::uint8_t>> record_requests(unsigned count) {
  nghttp2_session_callbacks* calls = nullptr;
  nghttp2_session_callbacks_new(&calls);
  nghttp2_session* client = nullptr;
  nghttp2_session_client_new(&client, calls, nullptr);
  nghttp2_submit_settings(client, NGHTTP2_FLAG_NONE, nullptr, 0);
  std::vector<std::vector<std::uint8_t>> requests;
  for (unsigned i = 1; i <= count; ++i) {
    const std::vector<text_header> texts = request_headers(i);
    const std::vector<nghttp2_nv> headers = headers_of(texts);
    nghttp2_submit_request(client, nullptr, headers.data(), headers.size(), nullptr, nullptr);
    requests.push_back(all_to_send(client));
  }
  nghttp2_session_del(client);
  nghttp2_session_callbacks_del(calls);
  return requests;
}

nghttp2_session_callbacks* server_calls() {
  nghttp2_session_callbacks* calls = nullptr;
  nghttp2_session_callbacks_new(&calls);
  nghttp2_session_callbacks_set_on_frame_recv_callback(calls, answer);
  return calls;
}

bool serve(nghttp2_session* session, const std::vector<std::uint8_t>& request) {
  const auto length = static_cast<ssize_t>(request.size());
  if (nghttp2_session_mem_recv(session, request.data(), request.size()) != length) return false;
  const std::uint8_t* part = nullptr;
  ssize_t sent;
  while ((sent = nghttp2_session_mem_send(session, &part)) > 0) {
  }
  return sent == 0;
}

}  // namespace sessions
