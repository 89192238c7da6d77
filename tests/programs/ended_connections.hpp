// ended_connections.hpp - whether every connection of a server ended at its close, by the
// server's own report.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <regex>
#include <string>
#include <vector>

#include "harness/child_process.hpp"
#include "harness/deadline.hpp"
#include "programs/preload.hpp"

namespace programs {

/// As environment_for, with a report in the server's log.
[[nodiscard]] inline std::vector<std::string> reporting_environment(start how) {
  std::vector<std::string> environment = environment_for(how);
  environment.emplace_back("CONNARENA_REPORT=stderr");
  return environment;
}

[[nodiscard]] inline int open_sockets(pid_t process) {
  namespace fs = std::filesystem;
  int count = 0;
  std::error_code gone;
  for (const auto& each :
       fs::directory_iterator("/proc/" + std::to_string(process) + "/fd", gone)) {
    count += fs::read_symlink(each, gone).string().rfind("socket:", 0) == 0 ? 1 : 0;
  }
  return count;
}

[[nodiscard]] inline long reported(const std::string& report, const std::string& label) {
  std::smatch match;
  return std::regex_search(report, match, std::regex(label + " +(\\d+)")) ? std::stol(match[1])
                                                                          : -1;
}

/// Pre: all clients have gone; the server then has so many sockets. Ends it.
inline harness::outcome stop_when_all_have_closed(harness::background_process& server, start how,
                                                  int own_sockets = 1) {
  EXPECT_TRUE(harness::wait_until([&] { return open_sockets(server.pid()) == own_sockets; }))
      << open_sockets(server.pid()) << " sockets";
  harness::outcome ended = server.stop();
  if (how == start::alone) return ended;
  const std::string log = server.log();
  EXPECT_GT(reported(log, "connections opened"), 0) << log;
  EXPECT_EQ(reported(log, "connections closed"), reported(log, "connections opened")) << log;
  return ended;
}

}  // namespace programs
