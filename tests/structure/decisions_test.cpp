// A decision record is cited by its number.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>

namespace {

namespace fs = std::filesystem;

constexpr std::size_t digits = 4;

TEST(decisions, have_a_number_each_that_their_title_repeats) {
  std::map<std::string, std::string> by_number;
  for (const auto& entry : fs::directory_iterator(SOURCE_FOLDER "/docs/decisions")) {
    const std::string name = entry.path().filename().string();
    if (name == "README.md") continue;
    const std::string number = name.substr(0, digits);
    EXPECT_TRUE(by_number.emplace(number, name).second) << name << " and " << by_number[number];
    std::string title;
    std::getline(std::ifstream(entry.path()), title);
    EXPECT_EQ(title.substr(0, digits + 4), "# " + number + ": ") << name;
  }
  EXPECT_FALSE(by_number.empty());
}

}  // namespace
