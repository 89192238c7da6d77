// store_library - the store trap without sockets, on the library: arenas leave small
// keys behind, close, and others rewrite the keys.
//
//   store_library CONNECTIONS LAYOUT API
//
// API is `cpp` for synchronized arenas, `c` for the C API, or `malloc`: then all
// memory is malloc's, whichever that is. Prints "before open closed rewritten live", as
// store_load does.
#include <connarena/arena.hpp>
#include <connarena/connarena.h>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <memory>
#include <memory_resource>
#include <string>
#include <string_view>
#include <vector>

#include "store/key_table.hpp"
#include "store/work.hpp"

namespace {

constexpr std::uint32_t other_connections = 100;

/// A connection's memory, however it comes; closed when it goes.
class connection_memory {
 public:
  connection_memory() = default;
  connection_memory(const connection_memory&) = delete;
  connection_memory& operator=(const connection_memory&) = delete;
  virtual ~connection_memory() = default;
  [[nodiscard]] virtual std::pmr::memory_resource& resource() = 0;
};

class of_malloc final : public connection_memory {
 public:
  std::pmr::memory_resource& resource() override { return *std::pmr::new_delete_resource(); }
};

class of_cpp final : public connection_memory {
 public:
  std::pmr::memory_resource& resource() override { return *arena_; }

 private:
  connarena::arena_ptr arena_ = connarena::synchronized_arena::open();
};

/// The C API frees a block without its arena: one resource stands for all of them.
class all_c_arenas final : public std::pmr::memory_resource {
 public:
  connarena_t now = 0;

 private:
  void* do_allocate(std::size_t size_bytes, std::size_t) override {
    void* const block = connarena_malloc(now, size_bytes);
    if (block == nullptr) throw std::bad_alloc();
    return block;
  }
  void do_deallocate(void* block, std::size_t, std::size_t) override { connarena_free(block); }
  [[nodiscard]] bool do_is_equal(const std::pmr::memory_resource& other) const noexcept override {
    return this == &other;
  }
};
all_c_arenas every_c_arena;

class of_c final : public connection_memory {
 public:
  of_c() : arena_(connarena_create(nullptr)) {}
  ~of_c() override { connarena_close(arena_); }
  std::pmr::memory_resource& resource() override {
    every_c_arena.now = arena_;
    return every_c_arena;
  }

 private:
  connarena_t arena_;
};

using opener = std::function<std::unique_ptr<connection_memory>()>;

opener opener_of(std::string_view api) {
  if (api == "cpp") return [] { return std::make_unique<of_cpp>(); };
  if (api == "c") return [] { return std::make_unique<of_c>(); };
  if (api == "malloc") return [] { return std::make_unique<of_malloc>(); };
  return nullptr;
}

unsigned long resident_bytes() {
  std::ifstream rollup("/proc/self/smaps_rollup");
  for (std::string word; rollup >> word;) {
    unsigned long kib = 0;
    if (word == "Rss:" && rollup >> kib) return kib * 1024;
  }
  return 0;
}

struct temporary {
  void* block;
  std::uint32_t size_bytes;
};

struct connection {
  std::unique_ptr<connection_memory> memory;
  std::pmr::vector<temporary> temporaries;  ///< in the connection's memory, too

  ~connection() {
    for (const temporary& each : temporaries) {
      memory->resource().deallocate(each.block, each.size_bytes, 1);
    }
  }
  connection(connection&&) = default;
  explicit connection(std::unique_ptr<connection_memory> of)
      : memory(std::move(of)), temporaries(&memory->resource()) {}
};

void put(store::key_table& keys, std::uint32_t key, std::uint32_t version,
         connection_memory& from) {
  const std::string value(store::value_bytes(key, version), store::content(key, version));
  keys.put(key, value, from.resource());
}

connection leave_keys(store::key_table& keys, std::uint32_t number, const opener& open) {
  connection made(open());
  const std::uint32_t first = number * store::keys_of_connection;
  for (std::uint32_t key = first; key < first + store::keys_of_connection; ++key) {
    put(keys, key, 0, *made.memory);
    const std::uint32_t from = key * store::temporaries_of_key;
    for (std::uint32_t i = from; i < from + store::temporaries_of_key; ++i) {
      const std::uint32_t bytes = store::temporary_bytes(i);
      void* const block = made.memory->resource().allocate(bytes, 1);
      std::memset(block, 't', bytes);
      made.temporaries.push_back({block, bytes});
    }
  }
  return made;
}

/// False if a value is not what was written.
bool rewrite_keys(store::key_table& keys, std::uint32_t key_count, const opener& open) {
  std::vector<std::unique_ptr<connection_memory>> others;
  for (std::uint32_t i = 0; i < other_connections; ++i) others.push_back(open());
  for (std::uint32_t key = 0; key < key_count; ++key) {
    const std::string_view value = keys.get(key);
    if (value.size() != store::value_bytes(key, 0)) return false;
    if (!store::has_content(value.data(), value.size(), key, 0)) return false;
    put(keys, key, 1, *others[key % others.size()]);
  }
  return true;
}

bool spring(std::uint32_t connections, store::key_table::layout layout, const opener& open) {
  const std::uint32_t key_count = connections * store::keys_of_connection;
  unsigned long live = 0;
  for (std::uint32_t key = 0; key < key_count; ++key) live += store::value_bytes(key, 1);
  store::key_table keys(layout);
  const unsigned long before = resident_bytes();
  std::vector<connection> crowd;
  crowd.reserve(connections);
  for (std::uint32_t i = 0; i < connections; ++i) crowd.push_back(leave_keys(keys, i, open));
  const unsigned long opened = resident_bytes();
  crowd.clear();
  const unsigned long closed = resident_bytes();
  const bool is_whole = rewrite_keys(keys, key_count, open);
  std::printf("%lu %lu %lu %lu %lu\n", before, opened, closed, resident_bytes(), live);
  return is_whole;
}

}  // namespace

int main(int count, char** arguments) {
  const opener open = count == 4 ? opener_of(arguments[3]) : nullptr;
  if (open == nullptr) {
    std::fprintf(stderr, "usage: store_library CONNECTIONS whole|parts cpp|c|malloc\n");
    return 2;
  }
  const bool has_parts = std::strcmp(arguments[2], "parts") == 0;
  using layout = store::key_table::layout;
  const auto connections = static_cast<std::uint32_t>(std::strtoul(arguments[1], nullptr, 10));
  return spring(connections, has_parts ? layout::parts : layout::whole, open) ? 0 : 1;
}
