// wakes.hpp - for whom a thread works that another has woken.
//
// A thread that serves a connection and signals a condition, posts a semaphore or writes to an
// eventfd mostly hands on a job of that connection's. It leaves the connection's name there, and
// who takes the job takes the name, in the same order: a thread that comes from a wait there, and
// one that has handed on its last job and goes on without having waited for a condition, since it
// found the queue not empty. Who waits found it empty.
//
// It is the weakest sign of all: any transfer takes its place, and what is made by it alone
// goes where I/O shows that its companions belong. Where jobs and wakes prove not to be one to
// one, it counts for nothing. See decision 0020.
//
// Threads: any; in signal handlers, too. Without locks.
#pragma once

#include <pthread.h>
#include <semaphore.h>

#include <cstdint>

namespace connarena::shim {

/// The calling thread is about to wake who waits for a condition, or to post what counts as a
/// semaphore does.
void leave_for_woken(const pthread_cond_t* condition) noexcept;
void leave_for_taker(const void* counter) noexcept;

/// It is about to wait for a condition with a mutex, or for a semaphore.
void come_to_wait(const pthread_cond_t* condition, const void* mutex) noexcept;
void come_to_wait(const sem_t* semaphore) noexcept;
/// Its job has ended, where another may follow.
void end_job() noexcept;
/// It was woken, and may have found a job; or it has taken so many that were posted.
void note_woken(const pthread_cond_t* condition) noexcept;
void note_taken(const void* counter, std::uint64_t count = 1) noexcept;

/// It is about to make a block, or has done I/O: if it may have taken a job, it has. Not
/// inside the core.
void take_job() noexcept;

}  // namespace connarena::shim
