// growing_program - grows one buffer by realloc to 1200 MiB.
//
// Exit codes: 0, 1 realloc found no room, 2 the contents are not what they were.
#include <cstdlib>
#include <cstring>

namespace {

constexpr std::size_t mib = std::size_t{1} << 20;
constexpr std::size_t step_bytes = 50 * mib;
constexpr std::size_t last_bytes = 1200 * mib;

}  // namespace

int main() {
  char* buffer = nullptr;
  for (std::size_t size = step_bytes; size <= last_bytes; size += step_bytes) {
    void* const grown = std::realloc(buffer, size);
    if (grown == nullptr) return 1;
    buffer = static_cast<char*>(grown);
    std::memcpy(buffer + size - sizeof size, &size, sizeof size);
  }
  for (std::size_t size = step_bytes; size <= last_bytes; size += step_bytes) {
    if (std::memcmp(buffer + size - sizeof size, &size, sizeof size) != 0) return 2;
  }
  std::free(buffer);
  return 0;
}
