// Includes point down: shim, api, arena, heap, os, base.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

/// From the lowest layer up. A file may include its own layer and lower ones.
const std::map<std::string, int> heights = {{"base", 0},  {"os", 1},  {"heap", 2},
                                            {"arena", 3}, {"api", 4}, {"shim", 5}};

bool is_source(const fs::path& path) {
  const std::string ending = path.extension();
  return ending == ".hpp" || ending == ".cpp" || ending == ".h" || ending == ".c";
}

struct inclusion {
  std::string line;
  std::string layer;  ///< empty: not one of ours
};

std::vector<inclusion> inclusions_in(const fs::path& file) {
  static const std::regex include_line(R"(\s*#\s*include\s*["<]([^">]+)[">].*)");
  std::vector<inclusion> found;
  std::ifstream stream(file);
  for (std::string line; std::getline(stream, line);) {
    std::smatch match;
    if (!std::regex_match(line, match, include_line)) continue;
    const std::string first = fs::path(match[1].str()).begin()->string();
    found.push_back({line, heights.count(first) != 0 ? first : ""});
  }
  return found;
}

void expect_layer_looks_down(const fs::path& folder, const std::string& layer) {
  if (!fs::exists(folder)) return;
  for (const auto& each : fs::recursive_directory_iterator(folder)) {
    if (!is_source(each.path())) continue;
    for (const inclusion& include : inclusions_in(each.path())) {
      if (include.layer.empty()) continue;
      EXPECT_LE(heights.at(include.layer), heights.at(layer))
          << each.path() << " has " << include.line;
    }
  }
}

TEST(include_direction, points_down_in_every_layer) {
  const fs::path source = SOURCE_FOLDER;
  for (const auto& [layer, height] : heights) {
    expect_layer_looks_down(layer == "shim" ? source / "shim" : source / "allocator" / layer,
                            layer);
  }
}

TEST(include_direction, public_headers_know_only_each_other) {
  const fs::path folder = fs::path(SOURCE_FOLDER) / "allocator/include/connarena";
  for (const auto& each : fs::directory_iterator(folder)) {
    for (const inclusion& include : inclusions_in(each.path())) {
      EXPECT_TRUE(include.layer.empty()) << each.path() << " has " << include.line;
      EXPECT_EQ(include.line.find('"'), std::string::npos) << each.path() << " " << include.line;
    }
  }
}

TEST(include_direction, never_goes_through_a_parent_folder) {
  for (const char* part : {"allocator", "shim", "tests"}) {
    const fs::path folder = fs::path(SOURCE_FOLDER) / part;
    if (!fs::exists(folder)) continue;
    for (const auto& each : fs::recursive_directory_iterator(folder)) {
      if (!is_source(each.path())) continue;
      for (const inclusion& include : inclusions_in(each.path())) {
        EXPECT_EQ(include.line.find("\"../"), std::string::npos) << each.path();
      }
    }
  }
}

}  // namespace
