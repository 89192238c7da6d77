// helper.hpp - a thread of our own that returns idle memory where no other may come.
//
// It starts when there is an excess that nobody else is about to return, in a process
// that has threads already, and ends when the excess is gone. It blocks every signal and
// is named `connarena`. A forked child has none.
#pragma once

#include <cstdint>

#include "base/helper_use.hpp"

namespace connarena {

/// The process is about to do what it may not do with threads of ours: from now on none
/// starts, and none is left when this returns; until it is let again.
void forbid_helper() noexcept;
void let_helper() noexcept;

void set_helper_use(helper_use wanted) noexcept;

/// Whether the calling thread may start one where it is: a start calls malloc, which a
/// signal handler may have interrupted. Who is never asked always says so.
using may_start_here = bool (*)() noexcept;
void ask_before_helper(may_start_here ask) noexcept;

/// What a helper does over and over: gives after how many nanoseconds it has to come
/// again; negative: nothing is left.
using helpful_work = std::int64_t (*)() noexcept;

/// Starts a helper, if that is wanted, and none runs. `work` is the same in every call.
/// Pre: outside of every lane and lock.
void call_helper(helpful_work work) noexcept;

/// Whether call_helper would start one.
[[nodiscard]] bool may_start_helper() noexcept;

/// Whether one runs.
[[nodiscard]] bool has_helper() noexcept;

/// In a forked child.
void forget_helper() noexcept;

}  // namespace connarena
