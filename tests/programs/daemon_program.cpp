// daemon_program FOLDER - a server that closes every descriptor it was started with,
// becomes a daemon, and where it may, root of nothing but FOLDER with the rights of
// nobody. Then it serves some connections of its own and writes FOLDER/result: "good",
// or what went wrong. Runs with the preload library and without it.
//
// Exit code of what was started: 0.
#define CONNARENA_WEAK
#include <connarena/connarena.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>

namespace {

constexpr int connections = 100;

[[noreturn]] void finish(const char* verdict) {
  // Renamed when whole: who looks for it reads all of it.
  const int file = open("result.part", O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
  const bool is_written = write(file, verdict, std::strlen(verdict)) > 0;
  _exit(is_written && rename("result.part", "result") == 0 ? 0 : 1);
}

void become_daemon() {
  const long descriptors = sysconf(_SC_OPEN_MAX);
  for (int fd = 0; fd < descriptors && fd < 4096; ++fd) close(fd);
  closefrom(0);
  if (fork() != 0) _exit(0);
  setsid();
  if (fork() != 0) _exit(0);
  open("/dev/null", O_RDWR);
  if (dup(0) != 1 || dup(0) != 2) _exit(1);
}

void enter(const char* folder) {
  if (chdir(folder) != 0) _exit(1);
  if (geteuid() != 0) return;
  constexpr unsigned nobody = 65534;
  if (chmod(".", 0777) != 0 || chroot(".") != 0) _exit(1);
  if (setgid(nobody) != 0 || setuid(nobody) != 0) _exit(1);
}

/// Whether a buffer of the connection's is the connection's.
bool is_attributed(int link, const void* buffer) {
  if (connarena_of_fd == nullptr) return true;
  const connarena_t arena = connarena_of_fd(link);
  return arena != 0 && connarena_of(buffer) == arena;
}

void serve(int link) {
  constexpr std::size_t size = 30000;
  char* buffer = static_cast<char*>(malloc(16));
  if (read(link, buffer, 16) != 5) finish("a read failed");
  buffer = static_cast<char*>(realloc(buffer, size));
  if (std::memcmp(buffer, "hello", 5) != 0) finish("bytes were lost");
  if (!is_attributed(link, buffer)) finish("a buffer is not its connection's");
  free(buffer);
}

void serve_connections() {
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  socklen_t length = sizeof address;
  if (bind(listener, generic, length) != 0 || listen(listener, 16) != 0) finish("no listener");
  getsockname(listener, generic, &length);
  for (int i = 0; i < connections; ++i) {
    const int client = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(client, generic, length) != 0) finish("no connection");
    const int link = accept(listener, nullptr, nullptr);
    if (write(client, "hello", 5) != 5) finish("a write failed");
    std::thread([=] { serve(link); }).join();
    close(link);
    close(client);
  }
}

}  // namespace

int main(int count, char** words) {
  if (count != 2) return 1;
  become_daemon();
  enter(words[1]);
  serve_connections();
  if (connarena_get_process_stats != nullptr) {
    connarena_process_stats stats{};
    connarena_get_process_stats(&stats);
    if (stats.arenas_open + stats.arenas_draining != 0) finish("arenas were left");
  }
  finish("good");
}
