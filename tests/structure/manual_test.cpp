// connarena(3) has each function of the C API as the header declares it.
#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <sstream>
#include <string>

namespace {

std::string contents_of(const std::string& file) {
  std::ostringstream text;
  text << std::ifstream(SOURCE_FOLDER "/allocator/" + file).rdbuf();
  return text.str();
}

/// Without white space, quotes, and the words that set type.
std::string bare(const std::string& text) {
  return std::regex_replace(text, std::regex(R"(\n\.BI? |[ \n"])"), "");
}

TEST(manual, has_the_declarations_of_the_header) {
  const std::string manual = bare(contents_of("documents/connarena.3"));
  const std::string header = contents_of("include/connarena/connarena.h");
  const std::regex declaration(R"(\nCONNARENA_API ([^;]*;))");
  std::size_t functions = 0;
  for (std::sregex_iterator each(header.begin(), header.end(), declaration), end; each != end;
       ++each) {
    const std::string text = bare((*each)[1]);
    // What the macros of the same names without that call.
    if (text.find("_sized(") != std::string::npos && text.find("free_sized") == std::string::npos) {
      continue;
    }
    EXPECT_NE(manual.find(text), std::string::npos) << (*each)[1];
    ++functions;
  }
  EXPECT_GT(functions, 25u);
}

}  // namespace
