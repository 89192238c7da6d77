// shapes.hpp - the shapes of servers. Each serves a listening socket for ever.
#pragma once

namespace attribution {

/// A thread for each connection, which blocks in read and write.
void serve_by_threads(int listener);

/// An event loop that reads into one buffer of its own, then allocates and copies.
void serve_by_loop_after_read(int listener);
/// An event loop that grows the connection's buffer, then reads into it.
void serve_by_loop_before_read(int listener);
/// The same, and it makes state for the request before it reads, too.
void serve_by_loop_all_before_read(int listener);
/// An event loop that reads into and writes from slabs which all connections share.
void serve_by_cache(int listener);

/// A loop that watches, workers that read and parse, and a thread that writes.
void serve_by_pool(int listener);
/// A loop that reads, workers that parse and do no I/O, and a thread that writes.
void serve_by_pool_without_io(int listener);
/// The same, whose queues are counted by semaphores.
void serve_by_counted_pool_without_io(int listener);
/// The same, by eventfds.
void serve_by_eventfd_pool_without_io(int listener);
/// With conditions again, and workers that say which connection they serve.
void serve_by_explicit_pool(int listener);

/// A loop over io_uring, which the preload library does not see, with explicit arenas.
void serve_by_ring(int listener);
/// Why there is none here; null if there is.
const char* refusal_of_ring();

}  // namespace attribution
