// blocks.hpp - what the documentation shows as it stands: commands, files and code.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace install {

/// What is between two fences, or indented after an empty line.
struct block {
  std::string page;      ///< from the project's folder
  std::string language;  ///< as the fence says; empty where it is indented
  std::vector<std::string> lines = {};

  /// As it stands, with ends of lines.
  [[nodiscard]] std::string text() const;
};

/// README.md, CONTRIBUTING.md and all of docs/, without the decision records.
[[nodiscard]] std::vector<std::string> documented_pages();

/// In order.
[[nodiscard]] std::vector<block> blocks_of(const std::string& page);

/// All of that language, one after the other.
[[nodiscard]] std::string text_of(const std::string& page, const std::string& language);

}  // namespace install
