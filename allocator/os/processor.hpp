// processor.hpp - what differs between processors: one file for each, which says the same
// names.
//
//   rest_a_moment()            in a loop that waits for another thread
//   call_system(number, ...)   a system call of up to five arguments; -errno where it fails
//   thread_pointer()           what the C library's thread-local storage is placed by
//   interrupts_to_unmap()      whether a page that is taken away interrupts every processor
//                              that runs a thread of the process
#pragma once

#if defined(__x86_64__)
#include "os/processor_x86_64.hpp"
#elif defined(__aarch64__)
#include "os/processor_aarch64.hpp"
#else
#error "connarena runs on x86-64 and arm64"
#endif
