// Whose memory a block is: arenas never share one, and what a connection's code
// allocates is all its arena's.
#include <connarena/arena.hpp>
#include <connarena/scope.hpp>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "harness/random_seed.hpp"

namespace {

struct extent {
  std::uintptr_t begin;
  std::uintptr_t end;
};

TEST(ownership, two_arenas_never_share_a_buffer) {
  std::mt19937_64 random(harness::random_seed());
  const std::array<connarena_t, 2> arenas{connarena_create(nullptr), connarena_create(nullptr)};
  std::array<std::vector<void*>, 2> blocks;
  for (int i = 0; i < 20000; ++i) {
    const std::size_t which = random() % 2;
    std::vector<void*>& mine = blocks[which];
    if (mine.size() > 200) {
      std::swap(mine[random() % mine.size()], mine.back());
      ASSERT_EQ(connarena_of(mine.back()), arenas[which]);
      connarena_free(mine.back());
      mine.pop_back();
    } else {
      mine.push_back(connarena_malloc(arenas[which], random() % 3 == 0 ? 9000 : random() % 500));
      ASSERT_EQ(connarena_of(mine.back()), arenas[which]);
    }
  }
  std::vector<extent> all;
  for (const std::vector<void*>& mine : blocks) {
    for (void* block : mine) {
      const auto begin = reinterpret_cast<std::uintptr_t>(block);
      all.push_back({begin, begin + connarena_usable_size(block)});
    }
  }
  std::sort(all.begin(), all.end(), [](extent a, extent b) { return a.begin < b.begin; });
  for (std::size_t i = 1; i < all.size(); ++i) ASSERT_LE(all[i - 1].end, all[i].begin);
  for (const connarena_t arena : arenas) connarena_destroy(arena);
}

// Any thread may free a survivor, an arena for one thread takes no lock.
TEST(ownership, arena_for_one_thread_takes_no_room_beside_survivors) {
  constexpr std::size_t page_bytes = 4096;
  constexpr std::size_t first_block_bytes = 320;
  const connarena_t closed = connarena_create(nullptr);
  void* const first = connarena_malloc(closed, 16);
  std::vector<void*> survivors;
  std::vector<std::uintptr_t> pages;
  for (int i = 0; i < 100; ++i) {
    connarena_free(connarena_malloc(closed, 2000));
    survivors.push_back(connarena_malloc(closed, 1000));
    pages.push_back(reinterpret_cast<std::uintptr_t>(survivors.back()) / page_bytes);
  }
  ASSERT_EQ(connarena_close(closed), 0);
  connarena::arena arena;
  const auto distance = static_cast<const char*>(arena.allocate(16)) - static_cast<char*>(first);
  EXPECT_GE(static_cast<std::size_t>(std::abs(distance)), first_block_bytes);
  for (int i = 0; i < 1000; ++i) {
    const auto page = reinterpret_cast<std::uintptr_t>(arena.allocate(500)) / page_bytes;
    ASSERT_EQ(std::count(pages.begin(), pages.end(), page), 0) << "block " << i;
  }
  for (void* survivor : survivors) connarena_free(survivor);
  connarena_free(first);
}

/// Splits lines and keeps them: the parser between two sockets.
class line_parser {
 public:
  explicit line_parser(std::pmr::memory_resource* resource)
      : pending_(resource), lines_(resource) {}

  void feed(const std::pmr::vector<char>& bytes) {
    for (const char each : bytes) {
      if (each != '\n') {
        pending_.push_back(each);
      } else {
        lines_.push_back(pending_);
        pending_.clear();
      }
    }
  }
  [[nodiscard]] const std::pmr::vector<std::pmr::string>& lines() const { return lines_; }

 private:
  std::pmr::string pending_;
  std::pmr::vector<std::pmr::string> lines_;
};

std::pmr::vector<char> receive(int from, std::pmr::memory_resource* resource) {
  std::pmr::vector<char> bytes(1024, resource);
  const ssize_t count = ::read(from, bytes.data(), bytes.size());
  bytes.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
  return bytes;
}

/// A socket pair of which one end is served and the other is the client.
struct connection {
  int served;
  int client;
  connection() {
    std::array<int, 2> ends{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()), 0);
    served = ends[0];
    client = ends[1];
  }
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;
  ~connection() {
    ::close(served);
    ::close(client);
  }
};

TEST(ownership, every_buffer_from_socket_through_parser_to_socket_is_in_the_arena) {
  connection link;
  const connarena::arena_ptr arena = connarena::synchronized_arena::open();
  std::pmr::memory_resource* const former_default =
      std::pmr::set_default_resource(std::pmr::null_memory_resource());
  std::string request;
  for (int i = 0; i < 200; ++i) request += "a request long enough to need memory\n";
  ASSERT_EQ(::write(link.client, request.data(), request.size()),
            static_cast<ssize_t>(request.size()));
  {
    const connarena::scope serving(*arena);
    line_parser parser(connarena::current_resource());
    while (parser.lines().size() < 200) parser.feed(receive(link.served, arena.get()));
    std::pmr::string reply(arena.get());
    for (const std::pmr::string& line : parser.lines()) {
      EXPECT_EQ(connarena_of(line.data()), arena->handle());
      reply.append(line).push_back('\n');
    }
    EXPECT_EQ(connarena_of(reply.data()), arena->handle());
    EXPECT_EQ(connarena_of(parser.lines().data()), arena->handle());
    ASSERT_EQ(::write(link.served, reply.data(), reply.size()), static_cast<ssize_t>(reply.size()));
  }
  std::pmr::set_default_resource(former_default);
  std::string echoed(request.size(), '\0');
  ASSERT_EQ(::recv(link.client, echoed.data(), echoed.size(), MSG_WAITALL),
            static_cast<ssize_t>(echoed.size()));
  EXPECT_EQ(echoed, request);
  EXPECT_EQ(arena->stats().live_bytes, 0u);
}

TEST(ownership, both_apis_name_the_same_arena) {
  const connarena::arena_ptr arena = connarena::synchronized_arena::open();
  void* from_c = connarena_malloc(arena->handle(), 100);
  EXPECT_EQ(connarena_of(from_c), arena->handle());
  arena->deallocate(from_c, 100);
  void* from_cpp = arena->allocate(100);
  EXPECT_EQ(connarena_of(from_cpp), arena->handle());
  connarena_free(from_cpp);
  EXPECT_EQ(arena->stats().live_bytes, 0u);
}

TEST(ownership, resources_are_equal_only_to_themselves) {
  connarena::arena first;
  connarena::arena second;
  connarena::synchronized_arena third;
  EXPECT_TRUE(first.is_equal(first));
  EXPECT_FALSE(first.is_equal(second));
  EXPECT_FALSE(first.is_equal(third));
  EXPECT_TRUE(third.is_equal(third));
}

}  // namespace
