#include "shim/launcher/record/record_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>

#include "shim/launcher/fresh_file.hpp"

namespace connarena::launcher {
namespace {

using json = nlohmann::ordered_json;

constexpr std::string_view first_words = "{\"connarena_recording\":1,";
constexpr std::size_t most_sites = 200;
constexpr int carefully = O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;

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

bool is_own(const struct stat& file) {
  return S_ISREG(file.st_mode) && file.st_uid == ::geteuid() && file.st_nlink == 1;
}

/// What is there, if it is the caller's own file and nobody else's; -1: it is not.
int open_own(const std::string& path) {
  struct stat status {};
  // Before it is opened, which may do something, and after, when it is sure.
  if (::lstat(path.c_str(), &status) != 0 || !is_own(status)) return -1;
  const int opened = ::open(path.c_str(), carefully);
  if (opened >= 0 && (::fstat(opened, &status) != 0 || !is_own(status))) {
    ::close(opened);
    return -1;
  }
  return opened;
}

/// Whether it may become a recording: it is one, or has nothing in it.
bool has_room(int descriptor) {
  char start[first_words.size()];
  const ssize_t got = ::pread(descriptor, start, sizeof start, 0);
  return got == 0 ||
         (got > 0 && std::string_view(start, static_cast<std::size_t>(got)) == first_words);
}

std::string path_of(int descriptor) { return "/proc/self/fd/" + std::to_string(descriptor); }

}  // namespace

void record_file::fail(const std::string& doing) {
  error_ = "cannot " + doing + " " + path_ + ": " + std::strerror(errno);
}

record_file::record_file(std::string path, std::uint64_t most_bytes)
    : path_(std::move(path)), most_bytes_(most_bytes) {
  descriptor_ = ::open(path_.c_str(), carefully | O_CREAT | O_EXCL, 0600);
  if (descriptor_ < 0 && errno != EEXIST) fail("make");
  if (descriptor_ >= 0 || !error_.empty()) return;
  descriptor_ = open_own(path_);
  if (descriptor_ < 0 || !has_room(descriptor_)) {
    error_ = path_ + " is there, and no recording of yours";
  }
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
  const std::string text = thinned(regular_file(path_of(descriptor_)));
  fresh_file thinner(path_);
  if (!thinner.take_place(text)) return fail("thin");
  ::close(descriptor_);
  descriptor_ = thinner.release();
  bytes_ = text.size();
}

bool record_file::holds_earlier() const {
  struct stat status {};
  return bytes_ == 0 && ::fstat(descriptor_, &status) == 0 && status.st_size != 0;
}

void record_file::begin(const recorded_service& of) {
  if (!error_.empty()) return;
  if (::fchmod(descriptor_, 0600) != 0 || ::ftruncate(descriptor_, 0) != 0) return fail("write");
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
