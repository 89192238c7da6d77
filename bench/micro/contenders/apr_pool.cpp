// apr_pool.cpp - a pool of the Apache Portable Runtime for each connection, below
// one pool of the process as in httpd. Blocks are not freed before the pool is.
#include <apr_general.h>
#include <apr_pools.h>

#include "works/all.hpp"

namespace micro {
namespace {

apr_pool_t* process_pool() {
  static apr_pool_t* const pool = [] {
    apr_initialize();
    apr_pool_t* made = nullptr;
    apr_pool_create(&made, nullptr);
    return made;
  }();
  return pool;
}

class apr_pool {
 public:
  static constexpr const char* name = "apr_pool";
  static constexpr traits can{.frees_blocks = false};

  apr_pool() : parent_(process_pool()) {}
  void open() { apr_pool_create(&pool_, parent_); }
  void close() { apr_pool_destroy(pool_); }
  void* allocate(std::size_t size) { return apr_palloc(pool_, size); }
  void deallocate(void*, std::size_t) {}

 private:
  apr_pool_t* parent_;
  apr_pool_t* pool_ = nullptr;
};

[[maybe_unused]] const bool registered = register_works<apr_pool>();

}  // namespace
}  // namespace micro
