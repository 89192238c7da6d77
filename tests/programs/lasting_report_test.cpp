// The report's file while the program runs: it tells how it is, and whatever others do to
// it, the program runs on and the report comes back.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "programs/loopback.hpp"
#include "programs/shown_report.hpp"

namespace {

namespace fs = std::filesystem;
using programs::contains;
using programs::figure;
using programs::shown;

/// A server that does what is written to its pipe, with its report in a file.
class served_pipe {
 public:
  served_pipe() : pipe_(make_pipe(folder_.file("pipe"))) {}
  ~served_pipe() { ::close(pipe_); }
  served_pipe(const served_pipe&) = delete;
  served_pipe& operator=(const served_pipe&) = delete;

  void order(const std::string& letters) const {
    ASSERT_EQ(::write(pipe_, letters.data(), letters.size()), static_cast<ssize_t>(letters.size()));
  }
  [[nodiscard]] std::string report() const { return shown(file()); }
  [[nodiscard]] std::string file() const { return folder_.file("report"); }
  /// Waits until the report says so many connections closed.
  [[nodiscard]] bool has_closed(long connections) const {
    return harness::wait_until([&] {
      const harness::outcome result = harness::run({{LAUNCHER, "report", file()}});
      return figure(result.output, "connections closed") == connections;
    });
  }
  [[nodiscard]] harness::background_process& process() { return server_; }

 private:
  static int make_pipe(const std::string& path) {
    EXPECT_EQ(::mkfifo(path.c_str(), 0600), 0);
    return ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  }

  programs::scratch_folder folder_;
  int pipe_;
  harness::background_process server_{
      {programs::with_report("--report=" + file(),
                             {FAMILY_PROGRAM, "serves_pipe", folder_.file("pipe")})},
      folder_.file("log")};
};

TEST(lasting_report, of_an_idle_server_is_up_to_date) {
  const served_pipe server;
  for (long count = 1; count <= 40; ++count) {
    server.order("x");
    ASSERT_TRUE(server.has_closed(2 * count)) << server.report();
  }
  server.order(std::string(5000, 'x'));
  EXPECT_TRUE(server.has_closed(2 * 5040)) << server.report();
}

TEST(lasting_report, of_an_idle_server_says_that_its_memory_went_back) {
  const served_pipe server;
  server.order("l");
  ASSERT_TRUE(server.has_closed(2));
  EXPECT_TRUE(harness::wait_until([&] {
    return programs::mebibytes(server.report(), "footprint, now") < 3;
  })) << server.report();
  EXPECT_GE(programs::mebibytes(server.report(), "footprint, peak"), 16) << server.report();
  EXPECT_GE(programs::mebibytes(server.report(), "back with the system"), 13) << server.report();
  EXPECT_TRUE(contains(server.report(), "% of the peak\n")) << server.report();
  EXPECT_FALSE(contains(server.report(), "footprint, end")) << server.report();
}

TEST(lasting_report, survives_that_its_file_is_cut_short) {
  served_pipe server;
  long closed = 0;
  for (const unsigned length : {0u, 10u, 5000u}) {
    server.order("x");
    ASSERT_TRUE(server.has_closed(closed += 2));
    ASSERT_EQ(::truncate(server.file().c_str(), length), 0);
    server.order("x");
    ASSERT_TRUE(server.has_closed(closed += 2));
  }
  EXPECT_TRUE(server.process().is_running());
}

TEST(lasting_report, survives_that_its_file_is_deleted) {
  served_pipe server;
  server.order("x");
  ASSERT_TRUE(server.has_closed(2));
  ASSERT_TRUE(fs::remove(server.file()));
  server.order("x");
  EXPECT_TRUE(server.has_closed(4));
  EXPECT_TRUE(server.process().is_running());
}

TEST(lasting_report, survives_that_its_file_is_moved_and_begins_a_new_one) {
  served_pipe server;
  server.order("x");
  ASSERT_TRUE(server.has_closed(2));
  fs::rename(server.file(), server.file() + ".old");
  std::ofstream(server.file()).flush();
  server.order("x");
  EXPECT_TRUE(server.has_closed(4));
  EXPECT_EQ(figure(shown(server.file() + ".old"), "connections closed"), 2);
}

TEST(lasting_report, leaves_alone_what_stands_in_its_files_place) {
  served_pipe server;
  server.order("x");
  ASSERT_TRUE(server.has_closed(2));
  ASSERT_TRUE(fs::remove(server.file()));
  fs::create_symlink("/dev/null", server.file());
  server.order("xq");
  EXPECT_TRUE(harness::wait_until([&] { return !server.process().is_running(); }));
  EXPECT_TRUE(fs::is_symlink(server.file()));
}

TEST(lasting_report, of_a_program_that_crashed_has_its_last_connections) {
  served_pipe server;
  server.order("xxxk");
  EXPECT_TRUE(harness::wait_until([&] { return !server.process().is_running(); }));
  const std::string report = server.report();
  EXPECT_EQ(figure(report, "connections closed"), 6) << report;
  EXPECT_TRUE(contains(report, "killed")) << report;
}

}  // namespace
