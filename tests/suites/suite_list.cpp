#include "suites/suite_list.hpp"

#include <sstream>

namespace suites {
namespace {

const std::string folder = SUITES "/";

/// Of Debian's librust-tokio-dev.
const std::string tokio = "/usr/share/cargo/registry/tokio-1.24.2";

/// A module of CPython's own tests, and what else its runner is told.
suite cpython(const std::string& module, const std::vector<std::string>& options = {}) {
  std::vector<std::string> command{"/usr/bin/python3", folder + "cpython.py", "test_" + module};
  command.insert(command.end(), options.begin(), options.end());
  return {"cpython_" + module,
          {"python3", "/usr/lib/python3.11/test/test_socket.py"},
          std::move(command)};
}

std::vector<suite> cpython_modules(const std::string& names) {
  std::vector<suite> all;
  std::istringstream words(names);
  for (std::string module; words >> module;) all.push_back(cpython(module));
  return all;
}

/// A script of this folder and its arguments.
suite script(const std::string& name, std::vector<std::string> needs,
             const std::vector<std::string>& words) {
  std::vector<std::string> command{"/bin/sh", folder + words.front()};
  command.insert(command.end(), words.begin() + 1, words.end());
  return {name, std::move(needs), std::move(command)};
}

}  // namespace

std::vector<suite> short_suites() {
  std::vector<suite> all = cpython_modules("memoryview epoll threading_local asyncore");
  all.push_back(script("stress_ng", {"stress-ng"}, {"stress_ng.sh", "200", "malloc", "fork"}));
  all.push_back(script("https", {"curl", "git", "openssl", "python3"}, {"https.sh", "40"}));
  all.push_back(script("node", {"node"}, {"node.sh", "1000"}));
  all.push_back(script("sqlite", {"sqlite3"}, {"sqlite.sh", "20000"}));
  all.push_back(script("postgresql", {"pgbench"}, {"postgresql.sh", "1", "100"}));
  return all;
}

std::vector<suite> long_suites() {
  std::vector<suite> all = cpython_modules(
      "array buffer bytes concurrent_futures ctypes faulthandler fork1 ftplib gc httplib "
      "httpservers io memoryview mmap multiprocessing_fork multiprocessing_forkserver "
      "multiprocessing_spawn os poll posix queue resource select selectors signal smtplib "
      "ssl subprocess thread threading tracemalloc urllib2_localnet weakref");
  // Left out: one that fails, alone too, when the machine is so busy that one of its
  // steps takes a third of a second.
  all.push_back(cpython("asyncio", {"--ignore", "test_wait_for_self_cancellation"}));
  // Virtual sockets need a peer outside the machine.
  all.push_back(cpython("socket", {"--ignore", "*VSOCK*"}));
  // Its network is the loopback device.
  all.push_back(cpython("socketserver", {"--use", "network"}));
  all.push_back(script("stress_ng", {"stress-ng"},
                       {"stress_ng.sh", "20000", "malloc", "fork", "bigheap", "mremap", "pthread",
                        "vfork", "sock", "epoll", "poll", "sendfile", "sockfd", "udp", "dup"}));
  // Some of these leave a socket open for the process's end, or a child's.
  for (suite& each : all) each.closes_all = false;
  all.push_back(script("https", {"curl", "git", "openssl", "python3"}, {"https.sh", "2000"}));
  all.push_back(script("node", {"node"}, {"node.sh", "30000"}));
  all.push_back(script("sqlite", {"sqlite3"}, {"sqlite.sh", "1000000"}));
  all.push_back(script("postgresql", {"pgbench"}, {"postgresql.sh", "10", "5000"}));
  all.push_back(script("squid", {"squid", "curl", "python3"}, {"squid.sh", "3000"}));
  all.push_back(script("gunicorn", {"gunicorn", "node"}, {"gunicorn.sh", "10000"}));
  all.push_back(script("tokio", {"/usr/bin/cargo", "/usr/bin/rustc", tokio, "node", "curl"},
                       {"tokio.sh", "30000"}));
  all.push_back(
      script("build_gcc", {"gcc", "g++", "cmake"}, {"build.sh", SOURCE_FOLDER, "gcc", "g++"}));
  all.push_back(script("build_clang", {"clang", "clang++", "cmake"},
                       {"build.sh", SOURCE_FOLDER, "clang", "clang++"}));
  return all;
}

}  // namespace suites
