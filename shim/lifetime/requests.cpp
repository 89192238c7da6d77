#include "shim/lifetime/requests.hpp"

#include "shim/lifetime/disconnect.hpp"
#include "shim/lifetime/limits.hpp"

namespace connarena::shim {
namespace {

using live::request_answer;
using live::request_box;
using live::request_kind;
namespace part = live::request_part;

struct request {
  request_kind kind;
  std::uint32_t parts;
  connection_id connection;
  limit_choice limits;
};

request copy_of(const request_box& in) noexcept {
  constexpr auto relaxed = std::memory_order_relaxed;
  return {in.kind.load(relaxed),
          in.parts.load(relaxed),
          in.connection.load(relaxed),
          {in.limit_bytes.load(relaxed), in.budget_bytes.load(relaxed),
           in.fails.load(relaxed) ? over_limit::fails : over_limit::disconnects}};
}

request_answer set_limits(const request& asked) noexcept {
  limit_choice to = current_limits();
  if ((asked.parts & part::limit) != 0) to.limit_bytes = asked.limits.limit_bytes;
  if ((asked.parts & part::over_limit) != 0) to.over = asked.limits.over;
  if ((asked.parts & part::budget) != 0) to.budget_bytes = asked.limits.budget_bytes;
  change_limits(to);
  return request_answer::done;
}

request_answer carry_out(const request& asked) noexcept {
  if (asked.kind == request_kind::set_limits) return set_limits(asked);
  if (asked.kind != request_kind::disconnect) return request_answer::not_understood;
  if (!may_disconnect()) return request_answer::not_possible;
  return disconnect(asked.connection, disconnect_reason::request)
             ? request_answer::done
             : request_answer::no_such_connection;
}

}  // namespace

void answer_request(request_box& in) noexcept {
  if (!is_asked(in)) return;
  const std::uint32_t number = in.asked.load(std::memory_order_acquire);
  const request asked = copy_of(in);
  // acquire: the copy comes before this look
  std::atomic_thread_fence(std::memory_order_acquire);
  if (in.asked.load(std::memory_order_relaxed) != number || number % 2 != 0) return;
  in.answer.store(carry_out(asked), std::memory_order_relaxed);
  // release: who finds the number finds the answer
  in.answered.store(number, std::memory_order_release);
}

}  // namespace connarena::shim
