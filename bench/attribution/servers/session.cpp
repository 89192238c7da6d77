#include "servers/session.hpp"

#include <algorithm>
#include <cstring>

namespace attribution {
namespace {

constexpr std::size_t state_bytes = 6000;
constexpr std::size_t small_state_bytes = 700;
constexpr std::size_t context_bytes = 4096;
constexpr std::size_t queued_bytes = 6000;
constexpr std::size_t least_run_bytes = 4096;
constexpr std::size_t most_head_bytes = 300;
constexpr std::size_t least_growth_bytes = 1000;

}  // namespace

session::session(int fd, connarena_t arena)
    : fd_(fd), blocks_(arena != 0 ? true_owner{-1, arena} : true_owner{fd, 0}) {}

void session::set_up() {
  for (const std::size_t bytes : {state_bytes, small_state_bytes}) {
    std::memset(blocks_.allocate(bytes, io::untouched), 's', bytes);
  }
}

void session::make_context() {
  context_ = std::memset(blocks_.allocate(context_bytes, io::untouched), 'x', context_bytes);
}

void session::forget_request() {
  blocks_.free(context_);
  context_ = nullptr;
  blocks_.free(incoming.bytes);
  incoming = {};
  free_tree();
  blocks_.free(reply_head_);
  blocks_.free(reply_body_);
  reply_head_ = reply_body_ = nullptr;
}

void session::free_tree() {
  for (void*& node : tree_) {
    blocks_.free(node);
    node = nullptr;
  }
}

void session::make_room(std::size_t more_bytes, io contact) {
  const std::size_t wanted = incoming.used + more_bytes;
  if (incoming.room >= wanted) return;
  incoming.room = std::max({wanted, 2 * incoming.used, least_growth_bytes});
  void* const made = incoming.bytes == nullptr ? blocks_.allocate(incoming.room, contact)
                                               : blocks_.grow(incoming.bytes, incoming.room);
  incoming.bytes = static_cast<char*>(made);
}

request_header session::header_in_buffer() const {
  request_header header;
  std::memcpy(&header, incoming.bytes, sizeof header);
  return header;
}

bool session::has_whole_request() const {
  return incoming.used >= sizeof(request_header) &&
         incoming.used >= sizeof(request_header) + header_in_buffer().request_bytes;
}

void session::enqueue() {
  void*& place = queue_[queue_end_++ % queue_.size()];
  blocks_.free(place);
  place = std::memset(blocks_.allocate(queued_bytes, io::untouched), 'q', queued_bytes);
}

void session::parse(const request_header& header) {
  free_tree();
  const std::size_t trunk_bytes = least_run_bytes + header.request_bytes / 2;
  tree_[0] = std::memset(blocks_.allocate(trunk_bytes, io::untouched), 't', trunk_bytes);
  for (std::size_t i = 1; i < tree_.size(); ++i) {
    const std::size_t node_bytes = 24 + 90 * i;
    tree_[i] = std::memset(blocks_.allocate(node_bytes, io::untouched), 'n', node_bytes);
  }
  const std::size_t copy_bytes = least_run_bytes + header.request_bytes;
  copy_ = std::memset(blocks_.allocate(copy_bytes, io::untouched), 'c', copy_bytes);
  enqueue();
}

void session::answer(const request_header& header, char first) {
  const std::size_t head_bytes = std::min<std::size_t>(header.reply_bytes / 2, most_head_bytes);
  const std::size_t body_bytes = header.reply_bytes - head_bytes;
  reply_head_ = static_cast<char*>(blocks_.allocate(head_bytes, io::touched));
  reply_body_ = static_cast<char*>(blocks_.allocate(body_bytes, io::touched));
  std::memset(reply_head_, first, head_bytes);
  std::memset(reply_body_, first, body_bytes);
  left_ = {iovec{reply_head_, head_bytes}, iovec{reply_body_, body_bytes}};
}

void session::answer_from(const char* bytes, std::size_t size_bytes) {
  left_ = {iovec{}, iovec{const_cast<char*>(bytes), size_bytes}};
}

void session::handle(const request_header& header, char first) {
  parse(header);
  answer(header, first);
}

void session::wrote(std::size_t bytes) {
  for (iovec& part : left_) {
    const std::size_t gone = std::min(bytes, part.iov_len);
    part.iov_base = static_cast<char*>(part.iov_base) + gone;
    part.iov_len -= gone;
    bytes -= gone;
  }
  if (is_writing()) return;
  blocks_.free(copy_);
  copy_ = nullptr;
}

}  // namespace attribution
