// scudo.cpp - LLVM's malloc that checks what is freed, as ours does: the peer with the same job.
#include "contenders/process_malloc.hpp"

namespace micro {
namespace {

struct scudo : process_malloc {
  static constexpr const char* name = "scudo";
};

[[maybe_unused]] const bool registered = register_works<scudo>();

}  // namespace
}  // namespace micro
