// byte_queue.hpp - bytes to send, or bytes that must come: texts and views in order.
//
// A view's bytes are not copied and must outlive the queue; the loads' values
// live in the pattern's pool for ever.
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>

namespace demo {

class byte_queue {
 public:
  void add_text(std::string text);
  void add_view(std::string_view bytes);

  [[nodiscard]] bool is_empty() const noexcept { return pieces_.empty(); }

  /// Describes the first pieces; returns how many.
  [[nodiscard]] int describe(iovec* parts, int most_parts) const;

  /// Removes that many bytes from the front.   Pre: there are as many.
  void remove(std::size_t size_bytes);

  /// Removes from both what they start with in common, until one is used up.
  /// False if they differ, or if the queue was empty and bytes came.
  [[nodiscard]] bool accept(std::string_view& bytes);

 private:
  struct piece {
    std::string text;       // used if not empty
    std::string_view view;  // used otherwise
    [[nodiscard]] std::string_view bytes() const noexcept { return text.empty() ? view : text; }
  };

  [[nodiscard]] std::string_view front() const;

  std::deque<piece> pieces_;
  std::size_t gone_bytes_ = 0;  // of the first piece; less than its size
};

}  // namespace demo
