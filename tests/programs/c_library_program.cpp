// c_library_program - blocks that the C library makes for the program are the served
// connection's, and malloc's to free. Runs with the preload library and without it.
//
// Exit codes: 0 all is well, 1 no connection, else the number of the call that made
// another block: 2 strdup, 3 strndup, 4 asprintf, 5 getdelim, 6 open_memstream,
// 7 getcwd, 8 scanf.
#define CONNARENA_WEAK
#include <connarena/connarena.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

namespace {

connarena_t arena = 0;

/// Of at least a page, so that it is a connection's in any case.
bool is_good(void* block) {
  const bool is_ours =
      block != nullptr && (connarena_of == nullptr || connarena_of(block) == arena);
  free(block);
  return is_ours;
}

/// A stream from which `text` is read.
FILE* stream_of(const std::string& text) {
  return fmemopen(const_cast<char*>(text.data()), text.size(), "r");
}

char* printed(const std::string& text) {
  char* made = nullptr;
  return asprintf(&made, "%s", text.c_str()) >= 0 ? made : nullptr;
}

char* read_line(const std::string& text) {
  FILE* const stream = stream_of(text);
  char* line = nullptr;
  std::size_t room = 0;
  const bool is_read = getdelim(&line, &room, '\n', stream) > 0;
  fclose(stream);
  return is_read ? line : nullptr;
}

char* written(const std::string& text) {
  char* made = nullptr;
  std::size_t size = 0;
  FILE* const stream = open_memstream(&made, &size);
  fputs(text.c_str(), stream);
  fclose(stream);
  return made;
}

char* scanned(const std::string& text) {
  FILE* const stream = stream_of(text);
  char* word = nullptr;
  const bool is_read = fscanf(stream, "%ms", &word) == 1;
  fclose(stream);
  return is_read ? word : nullptr;
}

}  // namespace

int main() {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0 || write(ends[0], "x", 1) != 1) return 1;
  if (connarena_of_fd != nullptr && (arena = connarena_of_fd(ends[0])) == 0) return 1;
  const std::string text(20000, 't');
  if (!is_good(strdup(text.c_str()))) return 2;
  if (!is_good(strndup(text.c_str(), 10000))) return 3;
  if (!is_good(printed(text))) return 4;
  if (!is_good(read_line(text + "\n"))) return 5;
  if (!is_good(written(text))) return 6;
  if (!is_good(getcwd(nullptr, 10000))) return 7;
  return is_good(scanned(text)) ? 0 : 8;
}
