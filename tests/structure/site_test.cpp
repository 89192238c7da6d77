// The documentation as a site, and that of the public headers.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "harness/child_process.hpp"
#include "harness/scratch_folder.hpp"

namespace {

namespace fs = std::filesystem;

constexpr const char* settings = SOURCE_FOLDER "/.ci/mkdocs.yml";

TEST(documentation, makes_a_site_without_a_warning) {
  if (harness::find_program("mkdocs").empty()) GTEST_SKIP() << "mkdocs is not installed";
  const harness::scratch_folder folder;
  const fs::path site = folder.file("site");
  const harness::outcome built = harness::run(
      {{"mkdocs", "build", "--strict", "--config-file", settings, "--site-dir", site.string()}});
  EXPECT_TRUE(built.succeeded()) << harness::describe(built);
  EXPECT_TRUE(fs::exists(site / "start/linked.html"));
}

TEST(documentation, of_the_headers_has_no_warning) {
  if (harness::find_program("doxygen").empty()) GTEST_SKIP() << "doxygen is not installed";
  const harness::scratch_folder folder;
  std::ifstream file(SOURCE_FOLDER "/.ci/Doxyfile");
  const std::string doxyfile{std::istreambuf_iterator<char>(file), {}};
  const harness::outcome made =
      harness::run({{"doxygen", "-"},
                    {},
                    doxyfile + "OUTPUT_DIRECTORY=" + folder.file("") + "\n",
                    SOURCE_FOLDER});
  EXPECT_TRUE(made.succeeded()) << harness::describe(made);
  EXPECT_TRUE(fs::exists(folder.file("html/index.html")));
}

std::string contents_of(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Records have a page that lists them, and what a benchmark writes comes when it is measured.
bool may_be_left_out(const fs::path& page) {
  const bool is_record = page.parent_path().filename() == "decisions";
  return (is_record && page.filename() != "README.md") ||
         contents_of(page).find("run --save`") != std::string::npos;
}

TEST(documentation, has_each_page_in_the_contents_of_the_site) {
  const std::string contents = contents_of(settings);
  const fs::path docs = SOURCE_FOLDER "/docs";
  for (const auto& each : fs::recursive_directory_iterator(docs)) {
    if (each.path().extension() != ".md" || may_be_left_out(each.path())) continue;
    const std::string page = fs::relative(each.path(), docs);
    EXPECT_NE(contents.find(": " + page + "\n"), std::string::npos) << page;
  }
}

}  // namespace
