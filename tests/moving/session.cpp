#include "moving/session.hpp"

#include <algorithm>

#include "moving/frames.hpp"

namespace moving {
namespace {

// Of every size class, one after the other.
constexpr std::size_t piece_bytes(std::size_t number) { return 16 + number * 203 % 3000; }

}  // namespace

session::session(memory_of kind)
    : arena_(kind == memory_of::arena ? connarena::synchronized_arena::open() : nullptr),
      memory_(arena_ != nullptr ? arena_.get() : std::pmr::new_delete_resource()),
      kept_(memory_) {}

text session::answer(const text& request) {
  pieces& last = kept_.emplace_back();
  for (std::size_t from = 0; from < request.size();) {
    const std::size_t count = std::min(piece_bytes(last.size()), request.size() - from);
    const auto start = request.begin() + static_cast<std::ptrdiff_t>(from);
    last.emplace_back(start, start + static_cast<std::ptrdiff_t>(count));
    from += count;
  }
  text reply(memory_);
  if (kept_.size() <= answer_lag) return reply;
  for (const text& each : kept_.front()) reply.insert(reply.end(), each.begin(), each.end());
  kept_.pop_front();
  return reply;
}

bool session::serve(int socket) {
  text request(memory_);
  return receive_frame(socket, request) && send_frame(socket, answer(request));
}

}  // namespace moving
