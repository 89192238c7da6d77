// Programs of the command line give the same answers under the preload library.
#include <fstream>

#include "programs/loopback.hpp"
#include "programs/preload.hpp"

namespace {

using harness::command;
using harness::outcome;
using programs::environment_for;
using programs::start;

/// Runs a program both ways and compares all that it shows.
void expect_same_answers(command what) {
  what.environment = environment_for(start::alone);
  const outcome alone = harness::run(what);
  what.environment = environment_for(start::preloaded);
  const outcome preloaded = harness::run(what);
  EXPECT_EQ(preloaded.exit_code, alone.exit_code) << harness::describe(preloaded);
  EXPECT_EQ(preloaded.signal, alone.signal);
  EXPECT_EQ(preloaded.output, alone.output);
  EXPECT_EQ(preloaded.errors, alone.errors);
}

TEST(sh, answers_the_same) {
  expect_same_answers({{"/bin/sh", "-c",
                        "i=0; while [ $i -lt 200 ]; do i=$((i+1)); x=\"$x$i \"; done; "
                        "echo $x | tr ' ' '\\n' | sort -n | wc -l; (exit 7); echo $?; exit 3"}});
}

TEST(python, answers_the_same) {
  CONNARENA_NEEDS_PROGRAM("python3");
  expect_same_answers(
      {{"python3", "-c",
        "import json, hashlib, threading, subprocess, socket\n"
        "d = {str(i): [i] * (i % 50) for i in range(20000)}\n"
        "print(hashlib.sha256(json.dumps(d).encode()).hexdigest())\n"
        "r = []\n"
        "def work(n):\n"
        "    r.append(len(bytearray(n * 100000)))\n"
        "t = [threading.Thread(target=work, args=(n,)) for n in range(8)]\n"
        "[x.start() for x in t]; [x.join() for x in t]\n"
        "print(sorted(r))\n"
        "a, b = socket.socketpair(); a.sendall(b'x' * 1000); print(len(b.recv(5000)))\n"
        "a.close(); b.close()\n"
        "print(subprocess.run(['echo', 'child'], capture_output=True).stdout)\n"}});
}

TEST(git, answers_the_same) {
  CONNARENA_NEEDS_PROGRAM("git");
  const std::string script =
      "set -e; rm -rf r; git init -q r; cd r; git config user.name n; git config user.email e@x; "
      "export GIT_AUTHOR_DATE='2020-01-01T00:00:00Z' GIT_COMMITTER_DATE='2020-01-01T00:00:00Z'; "
      "for i in 1 2 3 4 5; do seq $i 3000 > f$i; git add .; git commit -qm c$i; done; "
      "git repack -adq; git log --stat --format=%H; git fsck 2>&1; git grep -c 77";
  const programs::scratch_folder folder;
  expect_same_answers({{"/bin/sh", "-c", script}, {}, "", folder.file("")});
}

TEST(curl, gets_the_same_page) {
  CONNARENA_NEEDS_PROGRAM("curl");
  CONNARENA_NEEDS_PROGRAM("python3");
  for (const start server : {start::alone, start::preloaded}) {
    const programs::scratch_folder folder;
    const std::string port = std::to_string(programs::free_port());
    std::ofstream(folder.file("page")) << std::string(2000000, 'p');
    harness::background_process web({{"python3", "-m", "http.server", port, "--bind", "127.0.0.1"},
                                     environment_for(server),
                                     "",
                                     folder.file("")},
                                    folder.file("log"));
    ASSERT_TRUE(programs::is_listening(static_cast<programs::port_number>(std::stoul(port))));
    const std::string page = "http://127.0.0.1:" + port + "/page";
    expect_same_answers({{"curl", "-sS", "--max-time", "60", page, page, page}});
    expect_same_answers({{"curl", "-sS", "--max-time", "60", "--fail", page + "-missing"}});
  }
}

}  // namespace
