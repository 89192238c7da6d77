// siblings.hpp - what forked processes may keep idle beside each other.
//
// The floor of the bound is one process's. A server that forks its workers beforehand would
// keep it once for each: so a child has the less of it the more children its parent had
// made before, down to an eighth. The first one has all of it: a daemon is its parent's
// only child.
//
// Threads: the caller holds the locks that are taken around fork.
#pragma once

namespace connarena {

/// In the parent.
void count_child() noexcept;
/// In the child, whose only thread is the calling one.
void share_floor_with_siblings() noexcept;

}  // namespace connarena
