// page_parts.cpp - by the assembler: the files as they are. CMake says where they lie.
#include "shim/launcher/record/page_parts.hpp"

#define CONNARENA_FILE(name, path)                                           \
  asm(".pushsection .rodata\n" #name "_begin:\n.incbin \"" path "\"\n" #name \
      "_end:\n"                                                              \
      ".popsection");                                                        \
  extern "C" {                                                               \
  extern const char name##_begin[] __asm__(#name "_begin");                  \
  extern const char name##_end[] __asm__(#name "_end");                      \
  }

CONNARENA_FILE(page_frame, PAGE_FOLDER "/page.html")
CONNARENA_FILE(page_style, PAGE_FOLDER "/page.css")
CONNARENA_FILE(page_script, PAGE_FOLDER "/page.js")
CONNARENA_FILE(chart_style, UPLOT_FOLDER "/dist/uPlot.min.css")
CONNARENA_FILE(chart_script, UPLOT_FOLDER "/dist/uPlot.iife.min.js")

namespace connarena::launcher {
namespace {

std::string_view between(const char* begin, const char* end) {
  return {begin, static_cast<std::size_t>(end - begin)};
}

}  // namespace

const page_parts* built_in_page() {
  static const page_parts parts{
      between(page_frame_begin, page_frame_end), between(page_style_begin, page_style_end),
      between(page_script_begin, page_script_end), between(chart_style_begin, chart_style_end),
      between(chart_script_begin, chart_script_end)};
  return &parts;
}

}  // namespace connarena::launcher
