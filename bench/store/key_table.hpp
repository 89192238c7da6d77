// key_table.hpp - the store's keys, and how they lie in memory: as one block with
// their value, which a write replaces, or as a block that stays and a value that
// is replaced.
//
// Blocks come from `operator new`, or from the resource that a write names.
// Threads: one at a time.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory_resource>
#include <string_view>
#include <vector>

namespace store {

class key_table {
 public:
  enum class layout { whole, parts };

  explicit key_table(layout how) : layout_(how), buckets_(std::size_t{1} << 17) {}
  key_table(const key_table&) = delete;
  key_table& operator=(const key_table&) = delete;

  /// The key's value; empty if it has none.
  [[nodiscard]] std::string_view get(std::uint32_t key) const {
    for (const item* each = buckets_[bucket_of(key)]; each != nullptr; each = each->next) {
      if (each->key == key) return {each->value, each->size_bytes};
    }
    return {};
  }

  /// Writes a key. Its blocks come from `from` and go back to where they came from.
  void put(std::uint32_t key, std::string_view value, std::pmr::memory_resource& from) {
    item** link = &buckets_[bucket_of(key)];
    while (*link != nullptr && (*link)->key != key) link = &(*link)->next;
    if (layout_ == layout::whole) {
      item* const former = *link;
      item* const written = make_item(key, value, from);
      written->next = former != nullptr ? former->next : nullptr;
      *link = written;
      if (former != nullptr) drop(former, sizeof(item) + former->size_bytes);
      return;
    }
    if (*link == nullptr) *link = make_item(key, {}, from);
    write_part(**link, value, from);
  }

 private:
  struct item {
    item* next;
    std::pmr::memory_resource* home;
    std::pmr::memory_resource* home_of_value;
    char* value;
    std::uint32_t key;
    std::uint32_t size_bytes;
  };

  [[nodiscard]] std::size_t bucket_of(std::uint32_t key) const {
    return key * 0x9E3779B1u % buckets_.size();
  }

  static item* make_item(std::uint32_t key, std::string_view value,
                         std::pmr::memory_resource& from) {
    void* const room = from.allocate(sizeof(item) + value.size(), alignof(item));
    auto* const made = new (room) item{};
    *made = {nullptr, &from,
             nullptr, reinterpret_cast<char*>(made + 1),
             key,     static_cast<std::uint32_t>(value.size())};
    std::memcpy(made->value, value.data(), value.size());
    return made;
  }

  static void write_part(item& of, std::string_view value, std::pmr::memory_resource& from) {
    auto* const written = static_cast<char*>(from.allocate(value.size(), 1));
    std::memcpy(written, value.data(), value.size());
    if (of.home_of_value != nullptr) of.home_of_value->deallocate(of.value, of.size_bytes, 1);
    of.home_of_value = &from;
    of.value = written;
    of.size_bytes = static_cast<std::uint32_t>(value.size());
  }

  static void drop(item* former, std::size_t size_bytes) {
    former->home->deallocate(former, size_bytes, alignof(item));
  }

  layout layout_;
  std::vector<item*> buckets_;
};

}  // namespace store
