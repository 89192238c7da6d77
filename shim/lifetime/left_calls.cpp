#include "shim/lifetime/left_calls.hpp"

#include <unwind.h>

#include "shim/handler_safe/personality.hpp"
#include "shim/lifetime/idle.hpp"
#include "shim/lifetime/quiescence.hpp"

namespace connarena::shim {

void end_left_waits() noexcept {
  end_left_watch();
  stop_reading();
  stop_waiting();
}

}  // namespace connarena::shim

CONNARENA_IS_PERSONALITY _Unwind_Reason_Code connarena_wait_is_left(int, _Unwind_Action actions,
                                                                    _Unwind_Exception_Class,
                                                                    _Unwind_Exception*,
                                                                    _Unwind_Context*) {
  if ((actions & _UA_CLEANUP_PHASE) != 0) connarena::shim::end_left_waits();
  return _URC_CONTINUE_UNWIND;
}
