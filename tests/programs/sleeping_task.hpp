// sleeping_task.hpp - whether a thread of this process sleeps in a call.
#pragma once

#include <sys/types.h>

#include <cstdio>
#include <string>

namespace programs {

[[nodiscard]] inline bool sleeps(pid_t task) {
  const std::string name = "/proc/self/task/" + std::to_string(task) + "/stat";
  std::FILE* const file = std::fopen(name.c_str(), "r");
  if (file == nullptr) return false;
  char state = 0;
  const int read = std::fscanf(file, "%*d (%*[^)]) %c", &state);
  std::fclose(file);
  return read == 1 && state == 'S';
}

}  // namespace programs
