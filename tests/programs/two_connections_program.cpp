// two_connections_program early|late - a server of two connections, one after the other.
// What the first one sends stands in all its blocks, which it frees; the second one
// looks for it in what it allocates; `early`: before it does any I/O, while the first
// one is open. Exit codes: 0 it found nothing, 1 it found something, 2 the connections
// failed.
#include <arpa/inet.h>
#include <malloc.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <string_view>
#include <vector>

#include "hardening/secret.hpp"

// jemalloc's own calls, which the preload library always has.
extern "C" __attribute__((weak)) void* mallocx(std::size_t, int);
extern "C" __attribute__((weak)) void* rallocx(void*, std::size_t, int);
extern "C" __attribute__((weak)) std::size_t xallocx(void*, std::size_t, std::size_t, int);

namespace {

constexpr std::size_t sent_bytes = 65536;
constexpr int failed = 2;

std::vector<std::size_t> sizes() {
  std::vector<std::size_t> all;
  for (int round = 0; round < 4; ++round) {
    for (std::size_t bytes = 0; bytes < 4096; bytes += bytes < 256 ? 8 : bytes / 7) {
      all.push_back(bytes);
    }
    for (std::size_t bytes = 4096; bytes < 400000; bytes += bytes / 3) all.push_back(bytes);
  }
  return all;
}

void* take_as_jemalloc_does(std::size_t bytes) {
  if (mallocx == nullptr) return std::malloc(bytes);
  void* const block = rallocx(mallocx(bytes / 2 + 1, 0), bytes + 1, 0);
  xallocx(block, bytes + bytes / 2, 0, 0);
  return block;
}

/// A block in one of the ways there are, by its number. It may grow first.
void* take(std::size_t number, std::size_t bytes) {
  void* block = nullptr;
  switch (number % 7) {
    case 0:
      return std::malloc(bytes);
    case 1:
      return std::realloc(std::malloc(bytes / 2), bytes + 1);
    case 2:
      return posix_memalign(&block, 64, bytes) == 0 ? block : nullptr;
    case 3:
      return operator new(bytes, std::nothrow);
    case 4:
      return std::calloc(1, bytes);
    case 5:
      return take_as_jemalloc_does(bytes);
    default:
      // Where it is, if what lies behind it is free.
      return std::realloc(std::realloc(std::malloc(bytes), bytes / 3 + 1), bytes + 500);
  }
}

void give(std::size_t number, void* block) {
  if (number % 7 == 3) {
    operator delete(block);
  } else {
    std::free(block);
  }
}

/// Usable bytes, all of which the program may read.
std::size_t usable(void* block) { return malloc_usable_size(block); }

template <typename Use>
void with_blocks(Use use) {
  const std::vector<std::size_t> all = sizes();
  std::vector<void*> blocks;
  for (std::size_t i = 0; i < all.size(); ++i) {
    blocks.push_back(take(i, all[i]));
    use(blocks.back(), usable(blocks.back()));
  }
  for (std::size_t i = 0; i < all.size(); ++i) give(i, blocks[i]);
}

bool receive(int connection, char* into, std::size_t bytes) {
  while (bytes > 0) {
    const ssize_t got = recv(connection, into, bytes, 0);
    if (got <= 0) return false;
    into += got;
    bytes -= static_cast<std::size_t>(got);
  }
  return true;
}

bool serve_first(int connection) {
  auto* const received = static_cast<char*>(std::malloc(sent_bytes));
  const bool came = receive(connection, received, sent_bytes);
  with_blocks([&](void* block, std::size_t bytes) {
    for (std::size_t at = 0; at < bytes; at += sent_bytes) {
      std::memcpy(static_cast<char*>(block) + at, received, std::min(bytes - at, sent_bytes));
    }
  });
  std::free(received);
  return came;
}

bool look() {
  bool found = false;
  with_blocks([&](const void* block, std::size_t bytes) {
    found = found || hardening::holds_secret(block, bytes);
  });
  return found;
}

/// Both clients, one after the other; each waits until the server is done with it.
int be_clients(const sockaddr_in& server) {
  static char secrets[sent_bytes];
  hardening::write_secret(secrets, sizeof secrets);
  for (const std::size_t bytes : {sent_bytes, std::size_t{1}}) {
    const int connection = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(connection, reinterpret_cast<const sockaddr*>(&server), sizeof server) != 0) {
      return failed;
    }
    char answer = 0;
    if (send(connection, secrets, bytes, 0) != static_cast<ssize_t>(bytes)) return failed;
    while (recv(connection, &answer, 1, 0) > 0) continue;
    close(connection);
  }
  return 0;
}

int serve(int listener, bool is_early) {
  const int first = accept(listener, nullptr, nullptr);
  if (first < 0 || !serve_first(first)) return failed;
  bool found = is_early && look();
  close(first);
  const int second = accept(listener, nullptr, nullptr);
  char byte = 0;
  if (second < 0 || !receive(second, &byte, 1)) return failed;
  found = found || (!is_early && look());
  close(second);
  return found ? 1 : 0;
}

}  // namespace

int main(int count, char** arguments) {
  alarm(60);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  if (bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0) return failed;
  if (listen(listener, 2) != 0) return failed;
  getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  const pid_t clients = fork();
  if (clients == 0) _exit(be_clients(address));
  const int verdict = serve(listener, count > 1 && std::string_view(arguments[1]) == "early");
  int status = 0;
  close(listener);
  waitpid(clients, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? verdict : failed;
}
