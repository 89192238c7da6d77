// observed_trim.hpp - a library with malloc_trim, as a base allocator brings it: it only
// says when it is called.
#pragma once

/// Called by the thread that trims; null: nobody is told.
extern void (*when_trimming)();
