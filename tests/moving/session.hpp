// session.hpp - what a connection of these servers keeps between its handlers, each of
// which may run on another thread than the one before.
#pragma once

#include <connarena/arena.hpp>

#include <cstdint>
#include <list>
#include <memory_resource>
#include <vector>

namespace moving {

/// Where a connection's memory comes from: an arena of the library's, or malloc, which is
/// the connection's own arena under the preload library.
enum class memory_of : std::uint8_t { arena, process };

/// A request is answered by the one that came so many before it.
inline constexpr unsigned answer_lag = 5;

using text = std::pmr::vector<char>;

/// Threads: one at a time.
class session {
 public:
  explicit session(memory_of kind);

  [[nodiscard]] std::pmr::memory_resource* memory() const { return memory_; }

  /// Keeps a request, as pieces, and gives what answers it: nothing, for the first ones.
  [[nodiscard]] text answer(const text& request);

  /// Receives a request and sends its answer. False at the connection's end.
  [[nodiscard]] bool serve(int socket);

 private:
  using pieces = std::pmr::list<text>;

  connarena::arena_ptr arena_;
  std::pmr::memory_resource* memory_;
  std::pmr::list<pieces> kept_;
};

}  // namespace moving
