// session.hpp - what every test server does for a connection, and with which blocks.
//
// The blocks are of the kinds that servers have: state made when the connection
// comes, a receive buffer, a parsed tree of a run and small nodes, a decompressed
// copy, a queue, a reply of a small head and a large body. I/O touches the receive
// buffer, unless the shape copies, and the reply. What a request left stays until the
// next one begins; the copy goes with the reply.
//
// One thread at a time.
#pragma once

#include <sys/uio.h>

#include <array>
#include <cstddef>

#include "servers/ledger.hpp"
#include "wire.hpp"

namespace attribution {

class session {
 public:
  /// `arena`: who is to own the blocks if not the descriptor's own connection.
  explicit session(int fd, connarena_t arena = 0);

  [[nodiscard]] int fd() const noexcept { return fd_; }

  /// The state of a new connection.
  void set_up();

  /// The receive buffer; `used` bytes of it have come.
  struct incoming_bytes {
    char* bytes = nullptr;
    std::size_t room = 0;
    std::size_t used = 0;
  };
  incoming_bytes incoming;

  /// The state of a new request.
  void make_context();

  /// Frees what the last request left.
  void forget_request();
  /// Makes room for so many bytes after those that have come.
  void make_room(std::size_t more_bytes, io contact);
  /// Whether header and body are in the receive buffer.
  [[nodiscard]] bool has_whole_request() const;
  [[nodiscard]] request_header header_in_buffer() const;

  /// Handles a request whose bytes are all like `first`.
  void handle(const request_header& header, char first);
  /// As handle, but for the reply.
  void parse(const request_header& header);
  void answer(const request_header& header, char first);

  // The reply: what is left to write, in order.
  [[nodiscard]] bool is_writing() const noexcept { return left_[0].iov_len + left_[1].iov_len > 0; }
  [[nodiscard]] const iovec* left() const noexcept { return left_.data(); }
  void wrote(std::size_t bytes);
  /// Lets a shape send bytes that are not its own.
  void answer_from(const char* bytes, std::size_t size_bytes);

 private:
  void free_tree();
  void enqueue();

  int fd_;
  ledger blocks_;
  std::array<void*, 9> tree_{};
  std::array<void*, 4> queue_{};
  std::size_t queue_end_ = 0;
  void* context_ = nullptr;
  void* copy_ = nullptr;
  char* reply_head_ = nullptr;
  char* reply_body_ = nullptr;
  std::array<iovec, 2> left_{};
};

}  // namespace attribution
