// What the documentation links to is there: files, and headings in them.
#include <gtest/gtest.h>

#include <cctype>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

std::vector<fs::path> pages() {
  std::vector<fs::path> found;
  const auto take = [&found](const fs::path& path) {
    if (path.extension() == ".md") found.push_back(path);
  };
  for (const auto& each : fs::directory_iterator(SOURCE_FOLDER)) take(each.path());
  for (const auto& each : fs::recursive_directory_iterator(SOURCE_FOLDER "/docs")) {
    take(each.path());
  }
  return found;
}

/// Without what is shown as it stands: code within a line, and blocks of it.
std::string text_of(const fs::path& page) {
  std::ifstream file(page);
  std::string text;
  bool is_fenced = false;
  for (std::string line; std::getline(file, line);) {
    const bool is_fence = line.rfind("```", 0) == 0;
    is_fenced = is_fenced != is_fence;
    if (is_fenced || is_fence || line.rfind("    ", 0) == 0) continue;
    text += std::regex_replace(line, std::regex("`[^`]*`"), "") + "\n";
  }
  return text;
}

/// As mkdocs names a heading.
std::string anchor_of(const std::string& heading) {
  std::string anchor;
  for (const char c : heading) {
    const bool is_kept = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
    const bool is_gap = c == ' ' || c == '-';
    if (is_kept) anchor += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    if (is_gap && !anchor.empty() && anchor.back() != '-') anchor += '-';
  }
  return anchor;
}

std::set<std::string> anchors_in(const fs::path& page) {
  std::set<std::string> anchors;
  std::ifstream file(page);
  for (std::string line; std::getline(file, line);) {
    const std::size_t level = line.find_first_not_of('#');
    if (level == std::string::npos || level == 0 || line[level] != ' ') continue;
    anchors.insert(anchor_of(line.substr(level + 1)));
  }
  return anchors;
}

/// What is wrong with a link; empty if nothing is.
std::string reason_against(const fs::path& page, const std::string& link) {
  if (link.find("://") != std::string::npos) return {};
  const std::size_t hash = link.find('#');
  const std::string file = link.substr(0, hash);
  const fs::path target = file.empty() ? page : page.parent_path() / file;
  if (!fs::exists(target)) return "is not there";
  if (hash == std::string::npos) return {};
  return anchors_in(target).count(link.substr(hash + 1)) != 0 ? "" : "names no heading";
}

TEST(documentation, links_to_what_is_there) {
  const std::regex link(R"(\]\(([^)\s]+)\))");
  std::size_t links = 0;
  for (const fs::path& page : pages()) {
    const std::string text = text_of(page);
    for (std::sregex_iterator each(text.begin(), text.end(), link), end; each != end; ++each) {
      EXPECT_EQ(reason_against(page, (*each)[1]), "") << page << " links to " << (*each)[1];
      ++links;
    }
  }
  EXPECT_GT(links, 100u);
}

}  // namespace
