// linux_sharing.cpp - memory that others may read: decision 0014 says why it is System V's.
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>

#include "base/errno_kept.hpp"
#include "os/os.hpp"

namespace connarena::os {

void* share(std::size_t bytes) noexcept {
  const errno_kept kept;
  const int number = shmget(IPC_PRIVATE, bytes, IPC_CREAT | SHM_NORESERVE | 0600);
  void* const memory = number >= 0 ? shmat(number, nullptr, 0) : MAP_FAILED;
  // From now on it goes with the last process that has it.
  if (number >= 0) shmctl(number, IPC_RMID, nullptr);
  // shmat says -1 where it fails, as mmap does.
  const bool has_failed = memory == MAP_FAILED;
  if (!has_failed) {
    madvise(memory, bytes, MADV_DONTDUMP);
    madvise(memory, bytes, MADV_NOHUGEPAGE);
  }
  return has_failed ? nullptr : memory;
}

void unshare(void* address, std::size_t bytes) noexcept {
  const errno_kept kept;
  munmap(address, bytes);
}

}  // namespace connarena::os
