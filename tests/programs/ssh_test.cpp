// OpenSSH's server, whose processes put themselves into a sandbox that kills before they
// know who connects.
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "programs/loopback.hpp"
#include "programs/preload.hpp"

namespace {

using programs::environment_for;
using programs::start;

constexpr const char* server_program = "/usr/sbin/sshd";

void make_key(const std::string& path) {
  const harness::outcome made =
      harness::run({{"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path}});
  ASSERT_TRUE(made.succeeded()) << harness::describe(made);
}

void expect_answer(start how, std::vector<std::string> settings) {
  CONNARENA_NEEDS_PROGRAM("ssh");
  if (::access(server_program, X_OK) != 0) GTEST_SKIP() << "sshd is not installed";
  if (::geteuid() != 0) GTEST_SKIP() << "needs the rights of root";
  ::mkdir("/run/sshd", 0755);  // where sshd's sandbox has its root
  const programs::scratch_folder folder;
  make_key(folder.file("host"));
  make_key(folder.file("user"));
  const programs::port_number port = programs::free_port();
  const std::string number = std::to_string(port);
  for (const std::string& each : environment_for(how)) settings.push_back(each);
  harness::background_process server(
      {{server_program, "-D", "-e", "-f", "/dev/null", "-p", number, "-h", folder.file("host"),
        "-o", "ListenAddress=127.0.0.1", "-o", "AuthorizedKeysFile=" + folder.file("user.pub"),
        "-o", "StrictModes=no", "-o", "PidFile=none", "-o", "UsePAM=no"},
       settings},
      folder.file("log"));
  ASSERT_TRUE(programs::is_listening(port)) << server.log();
  const harness::outcome answer = harness::run(
      {{"ssh", "-F", "/dev/null", "-p", number, "-i", folder.file("user"), "-o", "BatchMode=yes",
        "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "root@127.0.0.1",
        "head -c 1000000 /dev/zero | wc -c"}});
  ASSERT_EQ(answer.output, "1000000\n") << harness::describe(answer) << server.log();
  EXPECT_TRUE(server.is_running()) << server.log();
}

TEST(ssh, answers_from_its_sandbox_without_the_preload_library) { expect_answer(start::alone, {}); }

TEST(ssh, answers_from_its_sandbox) { expect_answer(start::preloaded, {}); }

TEST(ssh, answers_where_small_blocks_are_the_connections) {
  expect_answer(start::preloaded, {"CONNARENA_SMALL=on"});
}

}  // namespace
