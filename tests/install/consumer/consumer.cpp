// A program of somebody else's: every part of the C++ API that links.
#include <connarena/arena.hpp>
#include <connarena/scope.hpp>

#include <cstdio>
#include <string>

namespace {

class wrapper : public std::pmr::memory_resource {
 public:
  explicit wrapper(connarena::arena& inner) : inner_(inner) {}

 private:
  void* do_allocate(std::size_t bytes, std::size_t alignment) override {
    return inner_.allocate(bytes, alignment);
  }
  void do_deallocate(void* block, std::size_t bytes, std::size_t alignment) override {
    inner_.deallocate(block, bytes, alignment);
  }
  bool do_is_equal(const memory_resource& other) const noexcept override { return this == &other; }

  connarena::arena& inner_;
};

}  // namespace

int main() {
  connarena::arena local;
  wrapper outer(local);
  const std::pmr::string text(1000, 'x', &outer);

  const connarena::arena_ptr shared = connarena::synchronized_arena::open({1 << 20, "consumer"});
  const connarena::scope serving(*shared);
  const std::pmr::string other(1000, 'y', connarena::current_resource());
  std::pmr::memory_resource* const resource = shared.get();
  const bool is_shared = dynamic_cast<connarena::synchronized_arena*>(resource) != nullptr;
  const bool works = is_shared && connarena_of(other.data()) == shared->handle() &&
                     local.stats().live_bytes >= 1000 && connarena::process().arenas_open == 2;
  std::puts(works ? "consumer works" : "consumer fails");
  return works ? 0 : 1;
}
