#include "shim/launcher/largest_blocks.hpp"

#include "shim/launcher/live_text.hpp"

namespace connarena::launcher {

std::vector<std::string> largest_blocks::look(const live_connection& of) {
  if (of.is_arena) return {};
  if (segment_ == nullptr || process_ != of.process) {
    leave();
    std::string ignored;
    segment_ = find_segment(std::to_string(of.process), ignored);
    process_ = of.process;
  }
  if (segment_ == nullptr) return {};
  if (!segment_->tells_of_blocks()) return {"where they are allocated is known under run --report"};
  std::vector<std::string> lines;
  for (const live_block& each : segment_->blocks_of(of.id)) {
    std::string line = bytes_text(each.bytes);
    for (const live_frame& frame : each.frames) {
      line += (&frame == &each.frames.front() ? "  " : " < ") +
              known_.place_of(frame.file, frame.label, frame.address);
    }
    lines.push_back(each.frames.empty() ? line + "  not sampled" : line);
  }
  return lines;
}

void largest_blocks::leave() {
  if (segment_ != nullptr) segment_->ask_for_no_blocks();
  segment_ = nullptr;
}

}  // namespace connarena::launcher
