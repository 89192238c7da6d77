// record_file.hpp - the file of a recording: a line of JSON for each thing it keeps.
//
// Lines are appended whole, each by one call, and mean something by themselves: whoever is
// killed, the program or the recorder, the file is right up to there, and a last line that
// was cut short is left out. A file that has grown too large is written anew with every
// second look, and takes the old one's place when it is whole.
#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>
#include <vector>

#include "shim/launcher/record/look.hpp"
#include "shim/launcher/regular_file.hpp"
#include "shim/launcher/survivor_sites.hpp"

namespace connarena::launcher {

/// What the file says of the service, at its beginning.
struct recorded_service {
  std::string program;
  std::int64_t pid;
};

class record_file {
 public:
  /// Makes it, or opens an earlier recording of the same user; what is something else stays.
  record_file(std::string path, std::uint64_t most_bytes);
  ~record_file();
  record_file(const record_file&) = delete;
  record_file& operator=(const record_file&) = delete;

  /// Empty, or why it is not written any more.
  [[nodiscard]] const std::string& error() const { return error_; }
  /// Whether it has what was recorded earlier, which goes as it begins.
  [[nodiscard]] bool holds_earlier() const;
  void begin(const recorded_service& of);
  void add(const look& seen);
  void add(const std::vector<survivor_site>& sites);

 private:
  void append(const nlohmann::ordered_json& line);
  void thin();
  void fail(const std::string& doing);

  std::string path_, error_;
  std::uint64_t most_bytes_;
  std::uint64_t bytes_ = 0;
  int descriptor_ = -1;
};

/// What is in such a file.
struct recording {
  recorded_service of;
  std::vector<look> looks;
  std::vector<survivor_site> sites;  ///< as they were last
};

/// Whether a file begins as one.
[[nodiscard]] bool is_recording(const regular_file& file);
/// Pre: is_recording.
[[nodiscard]] recording read_recording(const regular_file& file);

}  // namespace connarena::launcher
