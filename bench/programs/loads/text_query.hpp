// text_query.hpp - one short question to a server that speaks in lines, and its answer.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "process/unique_fd.hpp"

namespace demo {

class text_query {
 public:
  explicit text_query(int port);

  /// Sends the question and returns all that came once it contains `until`.
  /// Fails: it does not come within 10 s.
  std::string ask(std::string_view question, std::string_view until);

 private:
  unique_fd socket_;
};

/// The number that follows that label in the text; 0 if there is none.
[[nodiscard]] std::uint64_t number_after(std::string_view text, std::string_view label);

}  // namespace demo
