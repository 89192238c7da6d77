// The version is the same wherever it is said.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <ostream>
#include <regex>
#include <string>

#include <connarena/version.h>

namespace {

const std::string interface_version =
    std::to_string(CONNARENA_VERSION_MAJOR) + "." + std::to_string(CONNARENA_VERSION_MINOR);

std::string contents_of(const std::string& file) {
  std::ifstream stream(SOURCE_FOLDER "/" + file);
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// What the first parentheses match where the pattern is found first; empty if it is not.
std::string first_in(const std::string& file, const std::string& pattern) {
  const std::string text = contents_of(file);
  std::smatch found;
  return std::regex_search(text, found, std::regex(pattern)) ? found[1].str() : std::string();
}

TEST(version, of_the_headers_is_that_of_the_build) {
  EXPECT_STREQ(CONNARENA_VERSION_STRING, BUILD_VERSION);
}

TEST(version, in_numbers_is_that_in_words) {
  EXPECT_EQ(interface_version + "." + std::to_string(CONNARENA_VERSION_PATCH),
            CONNARENA_VERSION_STRING);
}

TEST(version, is_one_number_to_compare) {
  EXPECT_EQ(CONNARENA_VERSION / 10000, CONNARENA_VERSION_MAJOR);
  EXPECT_EQ(CONNARENA_VERSION / 100 % 100, CONNARENA_VERSION_MINOR);
  EXPECT_EQ(CONNARENA_VERSION % 100, CONNARENA_VERSION_PATCH);
}

struct place {
  const char* file;
  const char* pattern;
};
void PrintTo(const place& each, std::ostream* out) { *out << each.file; }

class version_in : public ::testing::TestWithParam<place> {};

TEST_P(version_in, each_file_is_that_of_the_headers) {
  EXPECT_EQ(first_in(GetParam().file, GetParam().pattern), CONNARENA_VERSION_STRING)
      << GetParam().file;
}

INSTANTIATE_TEST_SUITE_P(
    of_the_release, version_in,
    ::testing::Values(place{"CHANGELOG.md", "\n## ([^,\n]*),"},
                      place{"shim/documents/connarena.1", "^\\.TH .*\"connarena (.*)\""},
                      place{"allocator/documents/connarena.3", "^\\.TH .*\"connarena (.*)\""},
                      place{"cmake/packages/vcpkg/connarena/vcpkg.json", "\"version\": \"(.*)\""},
                      place{".ci/mkdocs.yml", "\nsite_name: connarena (.*)"}));

class interface_version_in : public ::testing::TestWithParam<place> {};

TEST_P(interface_version_in, each_file_is_that_of_the_headers) {
  EXPECT_EQ(first_in(GetParam().file, GetParam().pattern), interface_version) << GetParam().file;
}

INSTANTIATE_TEST_SUITE_P(
    of_the_release, interface_version_in,
    ::testing::Values(place{"README.md", "find_package\\(connarena ([0-9.]*) "},
                      place{"docs/start/linked.md", "find_package\\(connarena ([0-9.]*) "},
                      place{"docs/examples/CMakeLists.txt", "find_package\\(connarena ([0-9.]*) "},
                      place{"docs/start/get.md", "`libconnarena([0-9.]+)`"},
                      place{"docs/faq.md", "libconnarena\\.so\\.([0-9.]+)`"},
                      place{"cmake/packages/packages.cmake", "libconnarena([0-9.]+) "}));

TEST(version, has_its_day_in_the_manuals_as_in_the_changelog) {
  const std::string day = first_in("CHANGELOG.md", "\n## [^,\n]*, ([^\n]*)\n");
  if (day == "unreleased") GTEST_SKIP() << "it is not released";
  EXPECT_TRUE(std::regex_match(day, std::regex("20[0-9]{2}-[01][0-9]-[0-3][0-9]"))) << day;
  for (const char* manual : {"shim/documents/connarena.1", "allocator/documents/connarena.3"}) {
    EXPECT_EQ(first_in(manual, "^\\.TH [^ ]* [13] ([^ ]*)"), day) << manual;
  }
}

}  // namespace
