/* connarena.h - the C API: one memory arena per network connection.
 *
 * An arena owns all memory that one connection uses. Blocks are freed one by
 * one, as with malloc, or wholesale when the connection ends:
 *   connarena_close    drains: what is free returns at once, a block that is
 *                      still alive stays valid until it is freed;
 *   connarena_destroy  releases: everything goes, alive or not.
 *
 * A handle is opaque, an index and a generation: 0 is none, and a handle whose arena
 * has ended fails with ESTALE; it never reaches a newer arena.
 *
 * Threads: every function may be called from any thread. connarena_release
 * and connarena_destroy require that no other thread is inside the arena.
 * Signal handlers: as malloc, none of these may be called in a handler that interrupted
 * one of them, or malloc. Under the preload library close(fd) may.
 * Errors: functions that fail return 0, NULL or -1 and set errno; functions
 * that succeed leave errno alone. A free of something that is not a live
 * block ends the process with one message on stderr.
 *
 * With CONNARENA_WEAK defined before inclusion the declarations are weak: a
 * program then links without the library and, under the preload library,
 * finds the functions non-null.
 *
 * The structs grow at their end. The three calls that take one are macros, as zlib's are:
 * they say how long the struct is that the program was compiled with, in bytes, by calling
 * the function of that name with _sized. A library that knows a longer one fills what the
 * program has, and takes the rest of its options as zero; of one that knows a shorter one
 * the rest is zero. The functions without _sized, for whoever looks them up by name or
 * takes their address, know the structs as they were in 0.1 for ever.
 *
 * CONNARENA_STATIC is defined by whoever links the static library: what it is linked
 * into then shows none of these functions. CMake and pkg-config --static do.
 */
#ifndef CONNARENA_H
#define CONNARENA_H

#include <stddef.h>
#include <stdint.h>

#include <connarena/version.h>

#if defined(CONNARENA_WEAK)
#define CONNARENA_API __attribute__((weak, visibility("default")))
#elif defined(CONNARENA_STATIC)
#define CONNARENA_API
#else
#define CONNARENA_API __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

/** An arena: index and generation. 0 is no arena. */
typedef uint64_t connarena_t;

/** How to create an arena. Zero-initialise it; zero means the default. Members are added at
 *  the end only. */
typedef struct connarena_options {
  size_t limit_bytes; /**< Most bytes the arena may take from the system: pages and
                           metadata, not requested bytes. 0: unlimited. */
  const char* name;   /**< Shown in reports. Not copied: it outlives the arena. May be NULL. */
} connarena_options;

/** Counters of one arena, in bytes and blocks. Members are added at the end only. */
typedef struct connarena_stats {
  size_t live_bytes;      /**< Bytes in live blocks, rounded up to their size class. */
  size_t peak_bytes;      /**< Highest footprint_bytes since creation. */
  size_t footprint_bytes; /**< Pages and metadata the arena holds; what the limit charges. */
  uint64_t allocations;   /**< Blocks handed out since creation, or adopted. */
  uint64_t deallocations; /**< Blocks given back one by one, or adopted by others. */
} connarena_stats;

/** Counters of the whole process, in bytes and arenas. Members are added at the end only. */
typedef struct connarena_process_stats {
  size_t reserved_bytes;  /**< Address space reserved. */
  size_t live_bytes;      /**< Bytes in live blocks. */
  size_t retained_bytes;  /**< Wholly free pages not yet returned to the system. */
  size_t slack_bytes;     /**< Free bytes on pages that hold a live small block or an open arena. */
  size_t footprint_bytes; /**< live + retained + slack + metadata. */
  size_t arenas_open;     /**< Arenas that can allocate. */
  size_t arenas_draining; /**< Ended C++ arenas that still have a live block. */
} connarena_process_stats;

/** Creates an arena. `options` NULL: defaults.
 *  Returns 0 with errno ENOMEM when no memory is left. */
CONNARENA_API connarena_t connarena_create(const connarena_options* options);

/** The same with options of `size` bytes. EINVAL: `size` is 0 or above 4096, or a member that
 *  this library does not know is not zero. */
CONNARENA_API connarena_t connarena_create_sized(const connarena_options* options, size_t size);
#define connarena_create(...) connarena_create_sized(__VA_ARGS__, sizeof(connarena_options))

/** Allocates `size` bytes, aligned to 16. A size of 0 gives a unique block.
 *  Returns NULL with errno EDQUOT (the arena is at its limit), ENOMEM (no memory is left) or
 *  ESTALE. */
CONNARENA_API void* connarena_malloc(connarena_t arena, size_t size);

/** Allocates `count` * `size` bytes, all zero. Fails as connarena_malloc does;
 *  a product that overflows is ENOMEM. */
CONNARENA_API void* connarena_calloc(connarena_t arena, size_t count, size_t size);

/** Resizes `block` to `size` bytes, keeping its contents up to the smaller
 *  size. NULL allocates. The block stays with the arena that owns it; `arena`
 *  is used when `block` is NULL or its own arena has ended.
 *  On failure returns NULL, sets errno, and leaves `block` as it was. */
CONNARENA_API void* connarena_realloc(connarena_t arena, void* block, size_t size);

/** Allocates `size` bytes aligned to `alignment`, a power of two.
 *  Fails as connarena_malloc does; EINVAL for a bad alignment. */
CONNARENA_API void* connarena_aligned_alloc(connarena_t arena, size_t alignment, size_t size);

/** Frees a block of any arena, open or closed. NULL does nothing. */
CONNARENA_API void connarena_free(void* block);

/** The same of a block that connarena_malloc, connarena_calloc or connarena_realloc gave for
 *  `size` bytes (`count` * `size` of connarena_calloc), as free_sized of C23. A size that
 *  the block cannot have been asked for ends the process with a message. */
CONNARENA_API void connarena_free_sized(void* block, size_t size);

/** Bytes usable in `block`, at least what was asked for. NULL: 0. */
CONNARENA_API size_t connarena_usable_size(const void* block);

/** The open arena that owns `block`; 0 if it has none. */
CONNARENA_API connarena_t connarena_of(const void* block);

/** Empties the arena; every block of it becomes invalid; it stays usable.
 *  Returns 0, or -1 with errno ESTALE. */
CONNARENA_API int connarena_release(connarena_t arena);

/** Ends the arena by draining it: free memory returns at once, live blocks
 *  stay valid until they are freed. Returns 0, or -1 with errno ESTALE. */
CONNARENA_API int connarena_close(connarena_t arena);

/** Ends the arena and every block in it. Returns 0, or -1 with errno ESTALE. */
CONNARENA_API int connarena_destroy(connarena_t arena);

/** Makes `arena` (0: none) the calling thread's current arena and returns the
 *  previous one. Under the preload library malloc then allocates from it.
 *  A stale arena counts as none. */
CONNARENA_API connarena_t connarena_enter(connarena_t arena);

/** Restores what connarena_enter returned. */
CONNARENA_API void connarena_leave(connarena_t previous);

/** The calling thread's current arena; 0 if it has none. */
CONNARENA_API connarena_t connarena_current(void);

/** The arena for what belongs to no connection, opened by the first call. It never ends:
 *  connarena_release, connarena_close and connarena_destroy of it fail with errno EPERM.
 *  Returns 0 with errno ENOMEM when no memory is left. */
CONNARENA_API connarena_t connarena_process_arena(void);

/** Whether `address` lies in memory of connarena: then connarena_free is what frees a block
 *  there, and else malloc's free. Reads no memory of the block. */
CONNARENA_API int connarena_owns(const void* address);

/** Keeps a pointer of the program's with the arena, which nobody ends meanwhile. Returns 0,
 *  or -1 with errno ESTALE or, when no memory is left, ENOMEM. */
CONNARENA_API int connarena_set_user(connarena_t arena, void* user);

/** What connarena_set_user was given last; NULL before that, and for an arena that has
 *  ended. */
CONNARENA_API void* connarena_user(connarena_t arena);

/** What the arena was created under; NULL without a name, and when it has ended. */
CONNARENA_API const char* connarena_name(connarena_t arena);

/** The arena of the connection behind descriptor `fd`. Returns 0 with errno
 *  ENOTSUP without the preload library, EBADF where `fd` is no connection. */
CONNARENA_API connarena_t connarena_of_fd(int fd);

/** Sets what the arena may hold at most from now on: connarena_options.limit_bytes; 0:
 *  unlimited. What it holds above that stays: it gets nothing until it holds less. Returns 0,
 *  or -1 with errno ESTALE. Threads: any may be inside. */
CONNARENA_API int connarena_set_limit(connarena_t arena, size_t limit_bytes);

/** Is given an arena that has come to hold more than its soft limit, and what it holds.
 *  Called by the thread whose allocation did that, outside of every lock of connarena: it may
 *  call whatever it likes, but not end the arena: that allocation is yet to return. Where the
 *  arena is entered under the preload library, that is inside malloc: what the program locks
 *  around allocations is locked. It throws nothing. */
typedef void connarena_limit_callback(void* context, connarena_t arena, size_t footprint_bytes);

/** Calls `passed` each time the arena comes to hold more than `bytes`: once, until it was
 *  down to them again; now, if it holds more already. There is one soft limit: a later one
 *  takes its place, and NULL ends it; another thread may be in the former callback for as long
 *  as its allocation lasts. Returns 0, or -1 with errno ESTALE or, when no memory
 *  is left, ENOMEM. */
CONNARENA_API int connarena_set_soft_limit(connarena_t arena, size_t bytes,
                                           connarena_limit_callback* passed, void* context);

/** Fills `stats`. Returns 0, or -1 with errno ESTALE. The figures of an arena
 *  that another thread is using are each correct at some moment of the call. */
CONNARENA_API int connarena_get_stats(connarena_t arena, connarena_stats* stats);

/** The same of `size` bytes. EINVAL: `size` is 0 or above 4096. */
CONNARENA_API int connarena_get_stats_sized(connarena_t arena, connarena_stats* stats, size_t size);
#define connarena_get_stats(...) connarena_get_stats_sized(__VA_ARGS__, sizeof(connarena_stats))

/** Says that the program is about to wait: the line to add to an event loop of a program
 *  with a single thread. What was used in the last half second stays at hand, the rest goes
 *  back to the system, down to the floor and a 32nd of what is live. A program that has
 *  not said so for half a second gets all of it back at once.
 *  Returns after how many milliseconds another call will return more, the longest to wait
 *  then; -1 when nothing is left to return. With several threads there is no need of it.
 *  Costs some loads while there is nothing to do. Threads: any. */
CONNARENA_API int connarena_idle(void);

/** Returns every wholly free page to the system now. What another thread keeps at hand
 *  stays, as do the pages inside a connarena::arena, which has one thread. Returns 1 if
 *  anything went, else 0. */
CONNARENA_API int connarena_trim(void);

/** Is given an open arena, its counters, and its name or NULL. It may call whatever it
 *  likes; an arena that another thread ends meanwhile is stale by then. */
typedef void connarena_visitor(void* context, connarena_t arena, const connarena_stats* stats,
                               const char* name);

/** Calls `see` on every open arena: those of the C API, each connarena::synchronized_arena,
 *  and under the preload library those of connections. An arena that is opened meanwhile may
 *  be left out. connarena_process_arena is none of them. */
CONNARENA_API void connarena_visit(connarena_visitor* see, void* context);

/** Shows what the process holds, with a row for each arena that connarena_visit knows, to
 *  `connarena stats` and `connarena top` of this user and of root, as docs/live.md says. The
 *  first call takes the memory for that; each call brings the figures up to date, as after
 *  the first connarena_idle does now and then. Names are read meanwhile: one that is freed
 *  with its arena must not be, while another thread is in this or in connarena_idle. A forked
 *  child shows its own once it calls this.
 *  Returns 0, or -1 with errno ENOMEM (the system has no such memory to give) or, in a
 *  program that AddressSanitizer watches, ENOTSUP. */
CONNARENA_API int connarena_publish(void);

/** Fills `stats` for the whole process. Returns 0. */
CONNARENA_API int connarena_get_process_stats(connarena_process_stats* stats);

/** The same of `size` bytes. Returns 0, or -1 with errno EINVAL: `size` is 0 or above 4096. */
CONNARENA_API int connarena_get_process_stats_sized(connarena_process_stats* stats, size_t size);
#define connarena_get_process_stats(...) \
  connarena_get_process_stats_sized(__VA_ARGS__, sizeof(connarena_process_stats))

#ifdef __cplusplus
}
#endif

#endif /* CONNARENA_H */
