// random_work.cpp - arenas that come and go at random, each with a word of its own
// in all its blocks, and survivors that are freed whenever, also by another thread.
#include "hardening/random_work.hpp"

#include <cstring>
#include <memory>
#include <random>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "hardening/arenas.hpp"
#include "harness/random_seed.hpp"

namespace hardening {
namespace {

constexpr std::uint64_t word_mark = 0x5EC2E7ull << 40;
constexpr std::size_t open_arenas = 12;
constexpr int steps = 30000;

struct owned_block {
  void* at;
  std::size_t bytes;
};

struct connection {
  std::variant<one_thread, any_thread, c_arena> arena;
  std::uint64_t word;
  std::vector<owned_block> blocks;
};

class work {
 public:
  explicit work(std::uint64_t seed) : random_(seed) {
    for (std::size_t i = 0; i < open_arenas; ++i) connections_.push_back(open());
  }

  /// Whether an arena ever read another's word.
  bool finds_a_secret() {
    for (int i = 0; i < steps && !found_; ++i) step();
    return found_;
  }

 private:
  std::size_t below(std::size_t bound) { return random_() % bound; }

  /// Whole words, so that none is ever cut.
  std::size_t any_size() {
    const std::size_t kind = below(20);
    if (kind < 12) return 8 * (2 + below(75));
    if (kind < 16) return 8 * (2 + below(500));
    return 8 * (kind < 19 ? 513 + below(7500) : 7500 + below(30000));
  }

  std::unique_ptr<connection> open() {
    auto made = std::make_unique<connection>();
    const std::size_t kind = below(3);
    if (kind == 1) made->arena.emplace<any_thread>();
    if (kind == 2) made->arena.emplace<c_arena>();
    made->word = word_mark | ++words_;
    return made;
  }

  void look(const connection& of, const owned_block& block) {
    const auto* const words = static_cast<const volatile std::uint64_t*>(block.at);
    for (std::size_t i = 0; i < connarena_usable_size(block.at) / sizeof of.word; ++i) {
      const std::uint64_t word = words[i];
      if (word >> 40 == word_mark >> 40 && word != of.word) found_ = true;
    }
  }

  static void fill(const connection& of, const owned_block& block) {
    for (std::size_t at = 0; at + sizeof of.word <= block.bytes; at += sizeof of.word) {
      std::memcpy(static_cast<char*>(block.at) + at, &of.word, sizeof of.word);
    }
  }

  void take(connection& of) {
    const std::size_t bytes = any_size();
    void* const at = std::visit([&](auto& arena) { return arena.take(bytes); }, of.arena);
    of.blocks.push_back({at, bytes});
    look(of, of.blocks.back());
    fill(of, of.blocks.back());
  }

  void resize(connection& of) {
    if (of.blocks.empty()) return take(of);
    owned_block& block = of.blocks[below(of.blocks.size())];
    const std::size_t bytes = any_size();
    block.at = std::visit([&](auto& arena) { return arena.resize(block.at, block.bytes, bytes); },
                          of.arena);
    block.bytes = bytes;
    look(of, block);
    fill(of, block);
  }

  void give(connection& of) {
    if (of.blocks.empty()) return;
    std::swap(of.blocks[below(of.blocks.size())], of.blocks.back());
    const owned_block block = of.blocks.back();
    of.blocks.pop_back();
    const auto free_it = [&] {
      std::visit([&](auto& arena) { arena.give(block.at, block.bytes); }, of.arena);
    };
    if (of.arena.index() != 0 && below(200) == 0) {
      std::thread(free_it).join();
    } else {
      free_it();
    }
  }

  /// Leaves some survivors behind, where the arena drains.
  void end(std::unique_ptr<connection>& one) {
    const std::size_t survivors = one->arena.index() == 0 ? 0 : below(10);
    while (one->blocks.size() > survivors && below(4) != 0) give(*one);
    std::visit([](auto& arena) { arena.end(); }, one->arena);
    if (one->arena.index() != 0) ended_.push_back(std::move(one));
    one = open();
  }

  void free_survivors() {
    if (ended_.empty()) return;
    std::swap(ended_[below(ended_.size())], ended_.back());
    while (!ended_.back()->blocks.empty()) give(*ended_.back());
    ended_.pop_back();
  }

  void step() {
    std::unique_ptr<connection>& one = connections_[below(connections_.size())];
    const std::size_t kind = below(100);
    if (kind < 50) return take(*one);
    if (kind < 60) return resize(*one);
    if (kind < 95) return give(*one);
    return kind < 97 ? end(one) : free_survivors();
  }

  std::mt19937_64 random_;
  std::vector<std::unique_ptr<connection>> connections_;
  std::vector<std::unique_ptr<connection>> ended_;
  std::uint64_t words_ = 0;
  bool found_ = false;
};

}  // namespace

finding random_work() {
  return work(harness::random_seed()).finds_a_secret() ? finding::secret : finding::nothing;
}

}  // namespace hardening
