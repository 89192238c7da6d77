#include "net/byte_queue.hpp"

#include <algorithm>

namespace demo {

void byte_queue::add_text(std::string text) {
  if (!text.empty()) pieces_.push_back({std::move(text), {}});
}

void byte_queue::add_view(std::string_view bytes) {
  if (!bytes.empty()) pieces_.push_back({{}, bytes});
}

std::string_view byte_queue::front() const { return pieces_.front().bytes().substr(gone_bytes_); }

int byte_queue::describe(iovec* parts, int most_parts) const {
  int count = 0;
  for (const piece& each : pieces_) {
    if (count == most_parts) break;
    const std::string_view bytes = count == 0 ? front() : each.bytes();
    parts[count++] = {const_cast<char*>(bytes.data()), bytes.size()};
  }
  return count;
}

void byte_queue::remove(std::size_t size_bytes) {
  while (size_bytes > 0) {
    const std::size_t taken = std::min(size_bytes, front().size());
    gone_bytes_ += taken;
    size_bytes -= taken;
    if (gone_bytes_ < pieces_.front().bytes().size()) continue;
    pieces_.pop_front();
    gone_bytes_ = 0;
  }
}

bool byte_queue::accept(std::string_view& bytes) {
  if (pieces_.empty()) return bytes.empty();
  while (!bytes.empty() && !pieces_.empty()) {
    const std::size_t compared = std::min(bytes.size(), front().size());
    if (bytes.substr(0, compared) != front().substr(0, compared)) return false;
    remove(compared);
    bytes.remove_prefix(compared);
  }
  return true;
}

}  // namespace demo
