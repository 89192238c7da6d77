// look.hpp - what a recording keeps of one moment of a service, as a line of its file.
#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>
#include <vector>

#include "shim/launcher/live_segments.hpp"

namespace connarena::launcher {

struct recorded_connection {
  std::string id;    ///< "7/5.1": a process and its connection
  std::string name;  ///< where it leads, or what it is called
  std::uint64_t footprint_bytes;
};

struct look {
  std::int64_t at_ms;  ///< since 1970
  std::uint64_t processes;
  std::uint64_t resident_bytes, footprint_bytes, live_bytes, retained_bytes;
  std::uint64_t open, opened, closed, survivor_bytes;
  std::uint64_t disconnected, refused, limit_bytes, budget_bytes;  ///< as of a live_process
  distribution open_sizes, ended_peaks, ended_lifetimes;
  std::vector<recorded_connection> largest;  ///< that first
};

[[nodiscard]] look look_at(const live_process& service, std::int64_t at_ms);

[[nodiscard]] nlohmann::ordered_json json_of(const look& of);
/// Throws json::exception at what is none.
[[nodiscard]] look look_in(const nlohmann::ordered_json& line);

}  // namespace connarena::launcher
