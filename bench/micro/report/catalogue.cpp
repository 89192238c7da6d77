#include "report/catalogue.hpp"

namespace report {

const std::vector<work>& timed_works() {
  static const std::vector<work> works = {
      {"short_connection", "short_connection"},
      {"buffers", "buffers"},
      {"steady_mixed", "steady_mixed"},
      {"steady_small", "steady_small"},
      {"close_live.6MB", "close_live 6 MB"},
      {"close_live.27MB", "close_live 27 MB", 27e6},
      {"handoff", "handoff"},
      {"strand.1", "strand, 1 thread"},
      {"strand.2", "strand, 2 threads"},
      {"strand.4", "strand, 4 threads"},
      {"strand.8", "strand, 8 threads"},
      {"strand_16k.1", "strand, 1 thread, 16 KiB too"},
      {"strand_16k.2", "strand, 2 threads, 16 KiB too"},
      {"strand_16k.4", "strand, 4 threads, 16 KiB too"},
      {"strand_16k.8", "strand, 8 threads, 16 KiB too"},
      {"reconnect.0.oldest_first", "reconnect, 0 others, oldest first"},
      {"reconnect.0.newest_first", "reconnect, 0 others, newest first"},
      {"reconnect.5000.oldest_first", "reconnect, 5,000 others, oldest first"},
      {"reconnect.5000.newest_first", "reconnect, 5,000 others, newest first"},
      {"reconnect.100000.oldest_first", "reconnect, 100,000 others, oldest first"},
      {"reconnect.100000.newest_first", "reconnect, 100,000 others, newest first"},
      {"grow.4MiB", "grow to 4 MiB"},
      {"grow.16MiB", "grow to 16 MiB", 16.0 * (1 << 20)},
      {"payload_plus_header", "payload_plus_header"},
      {"burst.64KiB", "bursts of 64, 4 of 64 KiB each"},
      {"burst.1MiB", "bursts of 40, 1 MiB each"},
      {"burst.16KiB", "bursts of 100, 20 of 16 KiB each"},
      {"busy_beside_idle.0", "busy beside 0 idle"},
      {"busy_beside_idle.80", "busy beside 80 idle"},
      {"busy_beside_idle.1000", "busy beside 1,000 idle"},
      {"busy_beside_idle.10000", "busy beside 10,000 idle"},
  };
  return works;
}

const std::vector<work>& idle_works() {
  static const std::vector<work> works = {
      {"idle.1000.empty", "1,000, empty"},
      {"idle.1000.block", "1,000, a block of 300 B"},
      {"idle.100000.empty", "100,000, empty"},
      {"idle.100000.block", "100,000, a block of 300 B"},
      {"idle.1000000.empty", "1,000,000, empty"},
      {"idle.1000000.block", "1,000,000, a block of 300 B"},
  };
  return works;
}

const std::vector<contender>& contenders() {
  static const std::vector<contender> all = {
      {"arena", "arena", true},
      {"synchronized_arena", "synchronized_arena", true},
      {"connarena_c", "C API", true},
      {"glibc", "glibc", false, false},
      {"jemalloc", "jemalloc", false, false},
      {"mimalloc", "mimalloc", false, false},
      {"tcmalloc", "tcmalloc", false, false},
      {"scudo", "scudo", false, false, true},
      {"jemalloc_arena", "jemalloc arena"},
      {"mimalloc_heap", "mimalloc heap"},
      {"pmr_monotonic", "pmr monotonic"},
      {"pmr_unsync_pool", "pmr unsync. pool"},
      {"pmr_sync_pool", "pmr sync. pool"},
      {"apr_pool", "APR pool"},
  };
  return all;
}

}  // namespace report
