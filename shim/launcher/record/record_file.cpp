#include "shim/launcher/record/record_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>

namespace connarena::launcher {
namespace {

using json = nlohmann::ordered_json;

constexpr std::string_view first_words = "{\"connarena_recording\":1,";
constexpr std::size_t most_sites = 200;
constexpr int no_links = O_CLOEXEC | O_NOFOLLOW;

/// Calls `see` with each whole line and what it means.
template <typename See>
void for_each_line(const regular_file& file, See see) {
  const std::vector<char> text = file.part(0, file.size());
  const std::string_view all(text.data(), text.size());
  std::size_t start = 0;
  for (std::size_t end = all.find('\n'); end != all.npos; end = all.find('\n', start)) {
    const std::string_view line = all.substr(start, end - start);
    start = end + 1;
    const json read = json::parse(line, nullptr, false);
    if (read.is_object()) see(line, read);
  }
}

json json_of(const survivor_site& of) {
  return {{"blocks", of.blocks},
          {"bytes", of.bytes},
          {"connections", of.connections},
          {"frames", of.frames}};
}

std::vector<survivor_site> sites_in(const json& line) {
  std::vector<survivor_site> sites;
  for (const json& each : line.at("survivors")) {
    sites.push_back({each.at("blocks").get<std::uint64_t>(), each.at("bytes").get<std::uint64_t>(),
                     each.at("connections").get<std::uint64_t>(),
                     each.at("frames").get<std::vector<std::string>>()});
  }
  return sites;
}

/// Of a recording: how it begins, every second look, and survivors as they were last.
std::string thinned(const regular_file& file) {
  std::string kept, survivors;
  bool is_kept = true;
  for_each_line(file, [&](std::string_view line, const json& read) {
    if (read.contains("survivors")) {
      survivors = std::string(line) + "\n";
    } else if (!read.contains("at_ms")) {
      kept += std::string(line) + "\n";
    } else {
      if (is_kept) kept += std::string(line) + "\n";
      is_kept = !is_kept;
    }
  });
  return kept + survivors;
}

bool write_whole(int descriptor, const std::string& text) {
  const ssize_t written = ::write(descriptor, text.data(), text.size());
  if (written >= 0 && static_cast<std::size_t>(written) != text.size()) errno = ENOSPC;
  return written == static_cast<ssize_t>(text.size());
}

}  // namespace

void record_file::fail(const std::string& doing) {
  error_ = "cannot " + doing + " " + path_ + ": " + std::strerror(errno);
}

record_file::record_file(std::string path, std::uint64_t most_bytes)
    : path_(std::move(path)), most_bytes_(most_bytes) {
  constexpr int in_place = O_WRONLY | O_APPEND | O_NONBLOCK | no_links;
  descriptor_ = ::open(path_.c_str(), in_place | O_CREAT | O_EXCL, 0600);
  if (descriptor_ >= 0 || errno != EEXIST) {
    if (descriptor_ < 0) fail("make");
    return;
  }
  const regular_file present(path_, regular_file::links::not_followed);
  if (!present.is_open() || (present.size() != 0 && !is_recording(present))) {
    error_ = path_ + " is there, and no recording";
    return;
  }
  descriptor_ = ::open(path_.c_str(), in_place | O_TRUNC);
  if (descriptor_ < 0) fail("write");
}

record_file::~record_file() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void record_file::append(const json& line) {
  if (!error_.empty()) return;
  // What others chose may be no UTF-8.
  const std::string text = line.dump(-1, ' ', true, json::error_handler_t::replace) + "\n";
  if (bytes_ + text.size() > most_bytes_) thin();
  if (!error_.empty()) return;
  if (!write_whole(descriptor_, text)) return fail("write");
  bytes_ += text.size();
}

void record_file::thin() {
  const std::string beside = path_ + ".new";
  const std::string text = thinned(regular_file(path_, regular_file::links::not_followed));
  ::unlink(beside.c_str());  // of one who was killed here
  const int made = ::open(beside.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_EXCL | no_links, 0600);
  if (made < 0) return fail("thin");
  const bool is_whole = write_whole(made, text) && ::fsync(made) == 0;
  if (!is_whole || ::rename(beside.c_str(), path_.c_str()) != 0) {
    fail("thin");
    ::close(made);
    ::unlink(beside.c_str());
    return;
  }
  ::close(descriptor_);
  descriptor_ = made;
  bytes_ = text.size();
}

void record_file::begin(const recorded_service& of) {
  append({{"connarena_recording", 1}, {"program", of.program}, {"pid", of.pid}});
}

void record_file::add(const look& seen) { append(launcher::json_of(seen)); }

void record_file::add(const std::vector<survivor_site>& sites) {
  json all = json::array();
  for (const survivor_site& each : sites) {
    if (all.size() < most_sites) all.push_back(json_of(each));
  }
  append({{"survivors", std::move(all)}});
}

bool is_recording(const regular_file& file) {
  if (!file.is_open()) return false;
  const std::vector<char> start = file.part(0, first_words.size());
  return std::string_view(start.data(), start.size()) == first_words;
}

recording read_recording(const regular_file& file) {
  recording read{};
  for_each_line(file, [&](std::string_view, const json& line) {
    try {
      if (line.contains("at_ms")) read.looks.push_back(look_in(line));
      if (line.contains("survivors")) read.sites = sites_in(line);
      if (line.contains("program")) {
        read.of = {line.at("program").get<std::string>(), line.at("pid").get<std::int64_t>()};
      }
    } catch (const json::exception&) {
      // A line that is none of ours is left out.
    }
  });
  return read;
}

}  // namespace connarena::launcher
