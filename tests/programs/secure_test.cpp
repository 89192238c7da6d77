// A program that runs with more rights than its caller, in a root of its own: the system
// administrator preloads the library, and the caller's settings are none of its business.
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "programs/loopback.hpp"
#include "programs/preload.hpp"

namespace {

namespace fs = std::filesystem;

/// The files that the loader takes for a program, and itself.
std::vector<std::string> files_of(const std::string& program) {
  const harness::outcome result = harness::run({{"ldd", program}});
  std::vector<std::string> files{program};
  std::istringstream words(result.output);
  for (std::string word; words >> word;) {
    if (word[0] == '/') files.push_back(word);
  }
  return files;
}

/// A root that holds a program, what it needs, and the library, preloaded for everybody.
class small_root {
 public:
  explicit small_root(const std::string& program) {
    for (std::string file : files_of(program)) {
      fs::create_directories(path(fs::path(file).parent_path()));
      fs::copy_file(file, path(file));
    }
    fs::copy_file(PRELOAD_LIBRARY, path("/preload.so"));
    fs::create_directories(path("/etc"));
    std::ofstream(path("/etc/ld.so.preload")) << "/preload.so\n";
    fs::permissions(path("/"), fs::perms::all);
  }
  [[nodiscard]] std::string path(const std::string& inside) const {
    return folder_.file(inside.substr(1));
  }
  [[nodiscard]] bool heeds_set_user_id() const {
    struct statvfs system {};
    return ::statvfs(path("/").c_str(), &system) == 0 && (system.f_flag & ST_NOSUID) == 0;
  }
  /// Runs as nobody.
  [[nodiscard]] harness::outcome run(std::vector<std::string> words) const {
    words.insert(words.begin(), {"chroot", "--userspec=65534:65534", path("/")});
    return harness::run(
        {words,
         {"CONNARENA_REPORT=/report", "CONNARENA_RETAIN=much", "CONNARENA_KEEP=soon",
          "CONNARENA_HELPER=maybe", "CONNARENA_LIMIT=tiny", "CONNARENA_OVER_LIMIT=explode",
          "CONNARENA_BUDGET=none", "CONNARENA_EXEMPT=all"}});
  }

 private:
  programs::scratch_folder folder_;
};

TEST(secure_program, heeds_no_setting_and_has_its_arenas) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs the rights of root";
  const small_root root(CONNECTION_PROGRAM);
  if (!root.heeds_set_user_id()) GTEST_SKIP() << "no file here can carry rights";
  const harness::outcome plain = root.run({CONNECTION_PROGRAM, "descriptor_names_its_arena"});
  EXPECT_EQ(plain.exit_code, 0) << harness::describe(plain);
  for (const char* bad : {"CONNARENA_RETAIN=much", "CONNARENA_KEEP=soon", "CONNARENA_HELPER=maybe",
                          "CONNARENA_LIMIT=tiny", "CONNARENA_OVER_LIMIT=explode",
                          "CONNARENA_BUDGET=none", "CONNARENA_EXEMPT=all"}) {
    EXPECT_NE(plain.errors.find(std::string(bad) + " is ignored"), std::string::npos) << bad;
  }
  EXPECT_TRUE(fs::remove(root.path("/report")));

  ASSERT_EQ(::chmod(root.path(CONNECTION_PROGRAM).c_str(), S_ISUID | 0755), 0);
  const harness::outcome secure = root.run({CONNECTION_PROGRAM, "descriptor_names_its_arena"});
  EXPECT_EQ(secure.exit_code, 0) << harness::describe(secure);
  EXPECT_EQ(secure.errors, "");
  EXPECT_FALSE(fs::exists(root.path("/report")));
}

}  // namespace
