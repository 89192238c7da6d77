// arena.hpp - a connection's memory as a std::pmr::memory_resource.
//
//   connarena::arena arena;                     // one thread at a time
//   std::pmr::vector<char> buffer(&arena);
//
//   auto arena = connarena::synchronized_arena::open();   // any thread
//
// Either gives memory back wholesale when it ends; no element's destructor
// needs to run first. An arena released or destroyed ends every block in it;
// an arena_ptr that goes away drains: a block that is still alive keeps itself
// and its resource valid until it is deallocated.
#pragma once

#if __cplusplus < 201703L
#error "connarena needs C++17 or later: -std=c++17"
#else

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <memory_resource>
#include <new>

#include <connarena/connarena.h>

namespace connarena {

struct lane;
template <typename T, typename Arena>
class allocator;

inline constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max();

/// How to create an arena.
struct arena_options {
  std::size_t limit_bytes = unlimited;  ///< Most bytes taken from the system: pages and metadata.
  const char* name = nullptr;           ///< Shown in reports; not copied.
};

/// An arena is at its limit; there may be memory for others.
class arena_limit_exceeded final : public std::bad_alloc {
 public:
  /// Says so.
  [[nodiscard]] const char* what() const noexcept override;
};

/// Counters of one arena; see connarena_stats for each field.
using arena_stats = connarena_stats;

/// Counters of the whole process; see connarena_process_stats for each field.
using process_stats = connarena_process_stats;

/// Where an arena is. This library's.
struct arena_place {
  /// Of an arena for one thread that is a lane of this library's own core: none.
  connarena_t handle;
  /// One that has no blocks and gives none where another core serves the process, or while
  /// the arena's thread has to say what it does.
  lane* in;
};
/// The same of an arena for one thread.
struct lone_arena_place : arena_place {
  lane* home;  ///< its lane, whatever `in` is
};

/// An arena for one thread at a time: no atomic instruction on its path.
///
/// Deallocating through another arena than the one that allocated, or twice,
/// ends the process with a message.
class arena final : public std::pmr::memory_resource {
 public:
  /// Fails: std::bad_alloc when no memory is left.
  explicit arena(const arena_options& options = {});
  arena(const arena&) = delete;
  arena& operator=(const arena&) = delete;
  /// Releases wholesale.
  ~arena() override;

  /// Ends every block; the arena stays usable. Safe to call twice.
  void release() noexcept;

  /// As connarena_get_stats.
  [[nodiscard]] arena_stats stats() const noexcept;

  /// As connarena_set_limit; `unlimited`: none.
  void set_limit(std::size_t limit_bytes) noexcept;
  /// As connarena_set_soft_limit; the callback is given no handle.
  /// Fails: std::bad_alloc when no memory is left.
  void set_soft_limit(std::size_t bytes, connarena_limit_callback* passed, void* context);

  /// Resizes a block that was allocated with an alignment of at most 16, in place
  /// where there is room; long blocks that grow repeatedly get room. Contents up to
  /// the smaller size are kept. A null block: allocates.
  /// Fails: as allocate, and the block is as it was.
  [[nodiscard]] void* reallocate(void* block, std::size_t old_bytes, std::size_t new_bytes);

 private:
  template <typename T, typename Arena>
  friend class allocator;

  /// Fails: arena_limit_exceeded at the limit, else std::bad_alloc when no memory is
  /// left; the arena stays usable.
  void* do_allocate(std::size_t size_bytes, std::size_t alignment) override;
  void do_deallocate(void* block, std::size_t size_bytes, std::size_t alignment) override;
  [[nodiscard]] bool do_is_equal(const std::pmr::memory_resource& other) const noexcept override;

  void* allocate_run(std::size_t size_bytes);
  void* allocate_other_run(std::size_t size_bytes);
  void deallocate_run(void* block, std::size_t size_bytes) noexcept;

  lone_arena_place at_;
};

class synchronized_arena;

/// Ends a synchronized_arena by draining it.
struct arena_closer {
  /// Drains it.
  void operator()(synchronized_arena* arena) const noexcept;
};

/// Owns a synchronized_arena. When it goes, the arena drains: the resource
/// lives on until its last live block is deallocated through it.
using arena_ptr = std::unique_ptr<synchronized_arena, arena_closer>;

/// An arena for any number of threads. The first thread to allocate works
/// without atomic read-modify-writes; any thread may deallocate.
class synchronized_arena final : public std::pmr::memory_resource {
 public:
  /// Fails: std::bad_alloc when no memory is left.
  explicit synchronized_arena(const arena_options& options = {});
  synchronized_arena(const synchronized_arena&) = delete;
  synchronized_arena& operator=(const synchronized_arena&) = delete;
  /// Releases wholesale. Pre: no other thread is inside the arena.
  ~synchronized_arena() override;

  /// An arena that drains when its pointer goes.
  /// Fails: std::bad_alloc when no memory is left.
  [[nodiscard]] static arena_ptr open(const arena_options& options = {});

  /// Ends every block; the arena stays usable. Pre: no other thread is inside it.
  void release() noexcept;

  /// As connarena_get_stats.
  [[nodiscard]] arena_stats stats() const noexcept;

  /// As connarena_set_limit; `unlimited`: none. Nothing once the arena drains.
  void set_limit(std::size_t limit_bytes) noexcept;
  /// As connarena_set_soft_limit. Fails: std::bad_alloc when no memory is left.
  void set_soft_limit(std::size_t bytes, connarena_limit_callback* passed, void* context);

  /// As arena::reallocate. Threads: any; nobody else uses the block meanwhile.
  [[nodiscard]] void* reallocate(void* block, std::size_t old_bytes, std::size_t new_bytes);

  /// The same arena for the C API; valid until the arena ends.
  [[nodiscard]] connarena_t handle() const noexcept { return at_.handle; }

 private:
  friend struct arena_closer;
  template <typename T, typename Arena>
  friend class allocator;

  /// Fails: arena_limit_exceeded at the limit, else std::bad_alloc when no memory is
  /// left; the arena stays usable.
  void* do_allocate(std::size_t size_bytes, std::size_t alignment) override;
  void do_deallocate(void* block, std::size_t size_bytes, std::size_t alignment) override;
  [[nodiscard]] bool do_is_equal(const std::pmr::memory_resource& other) const noexcept override;

  void* allocate_run(std::size_t size_bytes);
  void deallocate_run(void* block, std::size_t size_bytes) noexcept;
  void* allocate_beside_owner(std::size_t size_bytes);
  void* allocate_slowly(std::size_t size_bytes, std::size_t alignment);
  void deallocate_beside_owner(void* block, std::size_t size_bytes) noexcept;
  void deallocate_slowly(void* block, std::size_t size_bytes) noexcept;
  void* move(void* block, std::size_t old_bytes, std::size_t new_bytes);
  void drain() noexcept;
  void count_survivors(std::int64_t change) noexcept;

  arena_place at_;
  /// While open: `open_bias`. While draining: the survivors; whoever makes it 0 ends the
  /// resource.
  std::atomic<std::int64_t> survivors_;
};

/// The program is about to wait: see connarena_idle().
inline int idle() noexcept { return connarena_idle(); }

/// Counters of the whole process.
[[nodiscard]] process_stats process() noexcept;

}  // namespace connarena

#endif  // C++17
