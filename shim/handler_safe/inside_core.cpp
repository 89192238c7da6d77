#include "shim/handler_safe/inside_core.hpp"

namespace connarena::shim::detail {

constinit thread_local int unbroken_depth __attribute__((tls_model("initial-exec"))) = 0;

}  // namespace connarena::shim::detail
