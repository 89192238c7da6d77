// settings.hpp - what CONNARENA_* variables set.
//
// Read once, in the library's constructor: before it the defaults hold. A bad
// value is reported on stderr and leaves the default. A program that runs with
// more rights than its caller takes no setting. CONNARENA_HARDENED is the core's to
// read, and is taken by every program.
#pragma once

#include <cstddef>
#include <cstdint>

#include "shim/settings/address_ranges.hpp"
#include "shim/settings/limit_choice.hpp"

namespace connarena::shim {

struct settings {
  std::size_t min_size_bytes = 4096;                    ///< CONNARENA_MIN_SIZE
  bool releases_survivors = false;                      ///< CONNARENA_ON_CLOSE=release
  bool small = false;                                   ///< CONNARENA_SMALL
  std::size_t retain_bytes = std::size_t{2048} * 1024;  ///< CONNARENA_RETAIN
  std::size_t reserve_bytes = SIZE_MAX;                 ///< CONNARENA_RESERVE
  const char* report = nullptr;                         ///< CONNARENA_REPORT; null: none
  std::size_t report_process = 0;                       ///< CONNARENA_REPORT_PROCESS; 0: not known
  bool live = false;                                    ///< CONNARENA_LIVE
  limit_choice limits;                                  ///< CONNARENA_LIMIT, _OVER_LIMIT, _BUDGET
  address_ranges exempt;                                ///< CONNARENA_EXEMPT: no limit is theirs
};

extern constinit settings current_settings;

void read_settings() noexcept;

}  // namespace connarena::shim
