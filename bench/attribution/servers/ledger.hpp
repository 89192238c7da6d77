// ledger.hpp - the truth: which blocks a server made for which connection, and
// the look at whose the allocator thinks they are.
//
// A ledger is used by one thread at a time, as its connection is; a sample may be
// taken on any thread at any moment. It needs no memory but its own.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#define CONNARENA_WEAK
#include <connarena/connarena.h>

namespace attribution {

/// Whether bytes of a connection go through a block.
enum class io : unsigned char { touched, untouched };

/// Whose the blocks of a ledger are in truth.
struct true_owner {
  int fd = -1;            ///< of the connection behind a descriptor, or else
  connarena_t arena = 0;  ///< an arena's, or else nobody's
};

/// Bytes by what the allocator thinks of their owner.
struct tally {
  std::uint64_t right = 0;
  std::uint64_t wrong = 0;   ///< somebody else's
  std::uint64_t nobody = 0;  ///< somebody's in truth
};

/// Runs that I/O touches, other runs; small blocks that I/O touches, others.
using sample = std::array<tally, 4>;

class ledger {
 public:
  explicit ledger(true_owner whose) noexcept;
  ~ledger();  ///< frees what is left
  ledger(const ledger&) = delete;
  ledger& operator=(const ledger&) = delete;

  [[nodiscard]] void* allocate(std::size_t size_bytes, io contact);
  [[nodiscard]] void* grow(void* block, std::size_t size_bytes);  ///< `block` is not null
  void free(void* block);                                         ///< null does nothing

 private:
  friend sample take_sample();

  struct entry {
    void* block;
    std::size_t size_bytes;
    io contact;
  };

  [[nodiscard]] entry& find(const void* block);
  [[nodiscard]] connarena_t expected() const;
  void add_to(sample& sums) const;

  true_owner whose_;
  std::size_t count_ = 0;
  std::array<entry, 256> entries_;
  ledger* next_;
  ledger** from_;
};

/// Looks at every block of every ledger.
[[nodiscard]] sample take_sample();

}  // namespace attribution
