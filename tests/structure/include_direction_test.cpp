// Includes point down: shim, api, arena, heap, os, base; in the shim and in the arena from
// folder to folder as well. They never come back: no two modules include each other.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

/// From the lowest layer up. A file may include its own layer and lower ones.
const std::map<std::string, int> heights = {{"base", 0}, {"os", 1},  {"heap", 2}, {"arena", 3},
                                            {"live", 4}, {"api", 5}, {"shim", 6}};

/// The folders of two layers, likewise; what is in none of them comes last. The launcher is
/// a program of its own.
const std::map<std::string, int> heights_in_layer = {
    {"shim/processor", 0}, {"shim/settings", 0},
    {"shim/beneath", 1},   {"shim/handler_safe", 2},
    {"shim/report", 3},    {"shim/live", 4},
    {"shim/launcher", 5},  {"shim/launcher/record", 5},
    {"shim/lifetime", 6},  {"shim/attribution", 7},
    {"shim/calls", 8},     {"shim", 9},
    {"arena/lane", 0},     {"arena/runs", 1},
    {"arena/small", 2},    {"arena", 3}};

bool is_source(const fs::path& path) {
  const std::string ending = path.extension();
  return ending == ".hpp" || ending == ".cpp" || ending == ".h" || ending == ".c";
}

struct inclusion {
  std::string line;
  fs::path path;
  std::string layer;  ///< empty: not one of ours
};

std::vector<inclusion> inclusions_in(const fs::path& file) {
  static const std::regex include_line(R"(\s*#\s*include\s*["<]([^">]+)[">].*)");
  std::vector<inclusion> found;
  std::ifstream stream(file);
  for (std::string line; std::getline(stream, line);) {
    std::smatch match;
    if (!std::regex_match(line, match, include_line)) continue;
    const fs::path path = match[1].str();
    const std::string first = path.begin()->string();
    found.push_back({line, path, heights.count(first) != 0 ? first : ""});
  }
  return found;
}

/// Calls `see(file, inclusion)` on each inclusion of one of ours below a folder.
template <typename See>
void for_each_inclusion(const fs::path& folder, See see) {
  if (!fs::exists(folder)) return;
  for (const auto& each : fs::recursive_directory_iterator(folder)) {
    if (!is_source(each.path())) continue;
    for (const inclusion& include : inclusions_in(each.path())) {
      if (!include.layer.empty()) see(each.path(), include);
    }
  }
}

/// Modules, each a name.hpp and a name.cpp, with what they include.
using inclusion_graph = std::map<std::string, std::set<std::string>>;

void add_modules(inclusion_graph& to, const fs::path& include_root, const fs::path& folder) {
  for_each_inclusion(folder, [&](const fs::path& file, const inclusion& include) {
    const std::string from = fs::relative(file, include_root).replace_extension();
    const std::string into = fs::path(include.path).replace_extension();
    if (from != into) to[from].insert(into);
  });
}

bool includes_any_of(const std::set<std::string>& included, const inclusion_graph& of) {
  for (const std::string& each : included) {
    if (of.count(each) != 0) return true;
  }
  return false;
}

/// Takes modules away that include none of the rest, until each includes another.
void take_ends_away(inclusion_graph& from) {
  for (auto each = from.begin(); each != from.end();) {
    const bool stays = includes_any_of(each->second, from);
    if (!stays) from.erase(each);
    each = stays ? std::next(each) : from.begin();
  }
}

/// Who is included by whom. Pre: each includes another.
inclusion_graph reversed(const inclusion_graph& of) {
  inclusion_graph back;
  for (const auto& [name, included] : of) {
    for (const std::string& each : included) {
      if (of.count(each) != 0) back[each].insert(name);
    }
  }
  return back;
}

/// The modules that include each other, or lie between some that do.
std::string modules_in_cycles(inclusion_graph of) {
  take_ends_away(of);
  inclusion_graph tangled = reversed(of);
  take_ends_away(tangled);
  std::string names;
  for (const auto& [name, includers] : tangled) names += name + " ";
  return names;
}

TEST(include_direction, points_down_in_every_layer) {
  const fs::path source = SOURCE_FOLDER;
  for (const auto& [layer, height] : heights) {
    const fs::path folder = layer == "shim" ? source / "shim" : source / "allocator" / layer;
    for_each_inclusion(folder, [top = height](const fs::path& file, const inclusion& include) {
      EXPECT_LE(heights.at(include.layer), top) << file << " has " << include.line;
    });
  }
}

void expect_folders_look_down(const fs::path& include_root, const std::string& layer) {
  for_each_inclusion(include_root / layer, [&](const fs::path& file, const inclusion& include) {
    if (include.layer != layer) return;
    const fs::path from = fs::relative(file, include_root).parent_path();
    EXPECT_LE(heights_in_layer.at(include.path.parent_path()), heights_in_layer.at(from))
        << file << " has " << include.line;
  });
}

TEST(include_direction, points_down_from_folder_to_folder) {
  const fs::path source = SOURCE_FOLDER;
  expect_folders_look_down(source, "shim");
  expect_folders_look_down(source / "allocator", "arena");
}

TEST(include_direction, of_the_shim_ends_at_the_front_door_of_the_core) {
  for_each_inclusion(
      fs::path(SOURCE_FOLDER) / "shim", [](const fs::path& file, const inclusion& include) {
        const bool is_front = include.layer == "api" || include.layer == "live";
        EXPECT_TRUE(is_front || include.layer == "shim") << file << " " << include.line;
      });
}

TEST(include_direction, never_comes_back_to_a_module) {
  const fs::path source = SOURCE_FOLDER;
  inclusion_graph modules;
  add_modules(modules, source, source / "shim");
  add_modules(modules, source / "allocator", source / "allocator");
  EXPECT_EQ(modules_in_cycles(modules), "");
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
