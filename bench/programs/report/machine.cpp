#include "report/machine.hpp"

#include <sys/utsname.h>

#include <cstdio>
#include <ctime>
#include <fstream>
#include <memory>
#include <thread>

namespace demo {
namespace {

/// What follows the label and its colon in the file's first line that has it.
std::string field_of(const char* file, const std::string& label) {
  std::ifstream stream(file);
  std::string line;
  while (std::getline(stream, line)) {
    if (line.rfind(label, 0) != 0) continue;
    const std::size_t value = line.find_first_not_of(" \t:", label.size());
    return value == std::string::npos ? "" : line.substr(value);
  }
  return "";
}

std::string output_of(const std::string& command) {
  struct closed {
    void operator()(std::FILE* stream) const noexcept { ::pclose(stream); }
  };
  const std::unique_ptr<std::FILE, closed> stream(::popen(command.c_str(), "r"));
  std::string text;
  char buffer[512];
  while (stream && std::fgets(buffer, sizeof buffer, stream.get()) != nullptr) text += buffer;
  return text;
}

}  // namespace

machine describe_machine(const std::vector<std::string>& packages) {
  machine described;
  const std::time_t now = std::time(nullptr);
  char date[32];
  std::strftime(date, sizeof date, "%Y-%m-%d", std::localtime(&now));
  described.date = date;

  utsname kernel{};
  ::uname(&kernel);
  described.lines.push_back(field_of("/proc/cpuinfo", "model name") + ", " +
                            std::to_string(std::thread::hardware_concurrency()) + " cores");
  described.lines.push_back("memory " + field_of("/proc/meminfo", "MemTotal"));
  described.lines.push_back(std::string("kernel ") + kernel.release);

  std::string command = "dpkg-query -W -f='${Package} ${Version}\\n'";
  for (const std::string& package : packages) command += " " + package;
  std::string versions = output_of(command + " 2>/dev/null");
  while (!versions.empty()) {
    const std::size_t end = versions.find('\n');
    described.lines.push_back(versions.substr(0, end));
    versions.erase(0, end == std::string::npos ? end : end + 1);
  }
  return described;
}

}  // namespace demo
