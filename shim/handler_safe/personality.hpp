// personality.hpp - what a call needs that a thread may leave without returning from it:
// it is cancelled there, or ends, throws or jumps in a signal handler that interrupted it.
//
// Destructors run on none of these ways: this library knows no exceptions. But where
// frames are unwound, the unwinder asks each one's personality, a function that the
// frame's unwind information names. Ours puts right what the call has begun and lets the
// unwinder go on; it needs nothing of the unwinder's, and costs nothing where a call
// returns.
#pragma once

// The encoding of a personality's address: relative to the place, four bytes.
#define CONNARENA_PERSONALITY(function) asm volatile(".cfi_personality 0x1b, " #function)

// The assembler's view of its name is that of C.
#define CONNARENA_IS_PERSONALITY extern "C" __attribute__((visibility("hidden"), used))

namespace connarena::shim {

/// Where it is called, it makes the calling function one of a waiting call: where a thread
/// leaves it so, left_calls.cpp ends the wait.
[[gnu::always_inline]] inline void note_wait_of_caller() noexcept {
  CONNARENA_PERSONALITY(connarena_wait_is_left);
}

}  // namespace connarena::shim
