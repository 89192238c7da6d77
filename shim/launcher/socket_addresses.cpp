#include "shim/launcher/socket_addresses.hpp"

#include <arpa/inet.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>

#include "shim/launcher/printable.hpp"

namespace connarena::launcher {
namespace {

/// The number in "socket:[123]"; empty for what is no socket.
std::string inode_of(const std::string& descriptor) {
  char target[64] = {};
  if (::readlink(descriptor.c_str(), target, sizeof target - 1) <= 0) return {};
  const std::string name = target;
  const std::string before = "socket:[";
  return name.rfind(before, 0) == 0 ? name.substr(before.size(), name.size() - before.size() - 1)
                                    : std::string();
}

/// The kernel writes an address as words of the machine, each in hexadecimal.
std::string address_text(const std::string& hex) {
  constexpr std::size_t digits_a_word = 8;
  std::uint32_t words[4] = {};
  const std::size_t count = hex.size() / digits_a_word;
  if (count != 1 && count != 4) return {};
  for (std::size_t i = 0; i < count; ++i) {
    const std::string word = hex.substr(i * digits_a_word, digits_a_word);
    words[i] = static_cast<std::uint32_t>(std::strtoul(word.c_str(), nullptr, 16));
  }
  char shown[INET6_ADDRSTRLEN] = {};
  const bool is_version_4 =
      count == 1 || (words[0] == 0 && words[1] == 0 && words[2] == htonl(0xFFFF));
  if (is_version_4) {
    inet_ntop(AF_INET, &words[count - 1], shown, sizeof shown);
    return shown;
  }
  inet_ntop(AF_INET6, words, shown, sizeof shown);
  return std::string("[").append(shown).append("]");
}

/// "0100007F:1F90" as 127.0.0.1:8080.
std::string end_text(const std::string& end) {
  const std::size_t colon = end.find(':');
  if (colon == std::string::npos) return {};
  const std::string address = address_text(end.substr(0, colon));
  const unsigned long port = std::strtoul(end.c_str() + colon + 1, nullptr, 16);
  return address.empty() ? address : address + ":" + std::to_string(port);
}

}  // namespace

socket_addresses::socket_addresses(pid_t process) : folder_("/proc/" + std::to_string(process)) {}

void socket_addresses::read_internet(const char* table, const char* kind,
                                     const by_inode& wanted) const {
  std::ifstream file(folder_ + "/net/" + table);
  std::string line;
  std::getline(file, line);
  while (std::getline(file, line)) {
    std::istringstream words(line);
    std::string word, local, peer, inode;
    words >> word >> local >> peer;
    for (int i = 0; i < 6; ++i) words >> word;
    words >> inode;
    const auto found = wanted.find(inode);
    if (found == wanted.end()) continue;
    *found->second = {kind, end_text(local), end_text(peer)};
  }
}

void socket_addresses::read_unix(const by_inode& wanted) const {
  std::ifstream file(folder_ + "/net/unix");
  std::string line;
  std::getline(file, line);
  while (std::getline(file, line)) {
    std::istringstream words(line);
    std::string word, inode, path;
    for (int i = 0; i < 6; ++i) words >> word;
    words >> inode >> path;
    const auto found = wanted.find(inode);
    if (found != wanted.end()) *found->second = {"unix", printable(path), ""};
  }
}

void socket_addresses::find(std::vector<live_connection>& unknown) {
  by_inode wanted;
  for (const live_connection& each : unknown) {
    if (each.is_arena || each.fd < 0 || each.state != live::row_state::open ||
        known_.count(each.id) != 0) {
      continue;
    }
    const std::string inode = inode_of(folder_ + "/fd/" + std::to_string(each.fd));
    if (!inode.empty()) wanted[inode] = &known_[each.id];
  }
  if (wanted.empty()) return;
  read_internet("tcp", "tcp", wanted);
  read_internet("tcp6", "tcp", wanted);
  read_internet("udp", "udp", wanted);
  read_internet("udp6", "udp", wanted);
  read_unix(wanted);
}

void socket_addresses::look_up(std::vector<live_connection>& connections) {
  find(connections);
  std::unordered_map<std::uint64_t, socket> still;
  for (live_connection& each : connections) {
    const auto found = each.is_arena ? known_.end() : known_.find(each.id);
    if (found == known_.end()) continue;
    const socket& its = found->second;
    each.kind = its.kind;
    each.local = its.local;
    each.peer = its.peer;
    if (!its.kind.empty()) still[each.id] = its;
  }
  known_ = std::move(still);
}

}  // namespace connarena::launcher
