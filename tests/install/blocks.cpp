#include "install/blocks.hpp"

#include <algorithm>
#include <fstream>

namespace install {
namespace {

namespace fs = std::filesystem;

constexpr const char* fence = "```";
constexpr const char* indent = "    ";

bool starts_with(const std::string& line, const std::string& start) {
  return line.rfind(start, 0) == 0;
}

}  // namespace

std::string block::text() const {
  std::string whole;
  for (const std::string& line : lines) whole += line + "\n";
  return whole;
}

std::vector<std::string> documented_pages() {
  std::vector<std::string> pages{"README.md", "CONTRIBUTING.md"};
  for (const auto& each : fs::recursive_directory_iterator(SOURCE_FOLDER "/docs")) {
    const fs::path page = fs::relative(each.path(), SOURCE_FOLDER);
    const bool is_record = page.parent_path().filename() == "decisions";
    if (page.extension() == ".md" && !is_record) pages.push_back(page.string());
  }
  std::sort(pages.begin(), pages.end());
  return pages;
}

std::vector<block> blocks_of(const std::string& page) {
  std::ifstream file(fs::path(SOURCE_FOLDER) / page);
  std::vector<block> found;
  bool is_fenced = false;
  bool is_indented = false;
  bool was_empty = true;
  for (std::string line; std::getline(file, line);) {
    if (starts_with(line, fence)) {
      is_fenced = !is_fenced;
      if (is_fenced) found.push_back({page, line.substr(std::string(fence).size())});
    } else if (is_fenced) {
      found.back().lines.push_back(line);
    } else if (starts_with(line, indent) && (is_indented || was_empty)) {
      if (!is_indented) found.push_back({page, ""});
      found.back().lines.push_back(line.substr(std::string(indent).size()));
      is_indented = true;
    } else {
      is_indented = false;
    }
    was_empty = line.empty();
  }
  return found;
}

std::string text_of(const std::string& page, const std::string& language) {
  std::string whole;
  for (const block& each : blocks_of(page)) {
    if (each.language == language) whole += each.text();
  }
  return whole;
}

}  // namespace install
