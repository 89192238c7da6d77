#include "driver/memcached_clients.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <sstream>
#include <thread>
#include <vector>

#include "driver/figures.hpp"
#include "driver/probed_program.hpp"
#include "loads/text_query.hpp"
#include "net/sockets.hpp"
#include "process/failure.hpp"

namespace attribution {
namespace {

using namespace std::chrono_literals;

// What memcached reads commands into while it has one to read: READ_BUFFER_SIZE.
constexpr std::size_t read_buffer_bytes = 16 * 1024;
constexpr std::size_t slab_bytes = std::size_t{1} << 20;
constexpr std::size_t large_bytes = 300000;
constexpr std::size_t small_bytes = 3000;

struct memcached_client {
  std::string what;
  std::size_t known_bytes;
  std::string state;  ///< as `stats conns` calls it once what was sent is read
  held_client link;
};

std::string set_command(const std::string& key, std::size_t announced, std::size_t sent) {
  return "set " + key + " 0 0 " + std::to_string(announced) + "\r\n" + std::string(sent, 'v') +
         (sent == announced ? "\r\n" : "");
}

std::vector<memcached_client> hold_clients(int port) {
  std::vector<memcached_client> clients;
  const auto add = [&](const std::string& what, std::size_t known_bytes, const std::string& state,
                       const std::string& sent) -> held_client& {
    clients.push_back({what, known_bytes, state, held_client(port)});
    clients.back().link.send(sent);
    return clients.back().link;
  };
  const std::string both = set_command("large", large_bytes, large_bytes) +
                           set_command("small", small_bytes, small_bytes) +
                           "get large\r\nget small\r\nversion\r\n";
  for (int i = 0; i < 3; ++i) {
    add("idle, has stored and got values", 0, "conn_read", both).read_until("VERSION");
  }
  add("half a command", read_buffer_bytes, "conn_read", "get la");
  add("half a value of 3,000 B", read_buffer_bytes, "conn_nread",
      set_command("held", small_bytes, small_bytes / 2));
  add("half a value of 300,000 B, read into a slab", read_buffer_bytes, "conn_nread",
      set_command("held", large_bytes, large_bytes / 2));
  for (const std::size_t count : {40u, 80u}) {
    std::string gets;
    for (std::size_t i = 0; i < count; ++i) gets += "get large\r\n";
    add("does not read " + std::to_string(count) + " values", read_buffer_bytes, "conn_mwrite",
        gets);
  }
  return clients;
}

/// The state of a connection, by its address.
std::string state_in(const std::string& conns, const std::string& descriptor) {
  const std::string label = "STAT " + descriptor + ":state ";
  const std::size_t at = conns.find(label);
  const std::size_t begin = at + label.size();
  return at == std::string::npos ? "" : conns.substr(begin, conns.find('\r', begin) - begin);
}

std::string descriptor_in(const std::string& conns, const std::string& address) {
  const std::size_t at = conns.find(":addr tcp:" + address + "\r");
  if (at == std::string::npos) throw demo::failure("stats conns does not name " + address);
  const std::size_t begin = conns.rfind(' ', at) + 1;
  return conns.substr(begin, at - begin);
}

/// `stats conns` once every client is in the state that it is to be in.
std::string conns_at_rest(demo::text_query& query, const std::vector<memcached_client>& clients) {
  const auto deadline = std::chrono::steady_clock::now() + 10s;
  for (;;) {
    const std::string conns = query.ask("stats conns\r\n", "END\r\n");
    const auto is_at_rest = [&](const memcached_client& each) {
      return state_in(conns, descriptor_in(conns, each.link.name())) == each.state;
    };
    if (std::all_of(clients.begin(), clients.end(), is_at_rest)) return conns;
    if (std::chrono::steady_clock::now() > deadline) {
      throw demo::failure("memcached's connections do not come to rest:\n" + conns);
    }
    std::this_thread::sleep_for(20ms);
  }
}

}  // namespace

std::string memcached_table() {
  const int port = demo::free_port();
  std::vector<std::string> arguments = {"/usr/bin/memcached", "--listen=127.0.0.1",
                                        "--port=" + std::to_string(port), "--threads=2"};
  // memcached refuses to run as root unless told to.
  if (::geteuid() == 0) arguments.push_back("--user=root");
  probed_program memcached(arguments, port);
  const std::vector<memcached_client> clients = hold_clients(port);
  demo::text_query query(port);
  const std::string conns = conns_at_rest(query, clients);
  const std::map<int, arena_bytes> arenas = memcached.ask();
  std::ostringstream table;
  table << "| connection | `stats conns` | known buffer | its arena: live | footprint | error |\n"
        << "|:--|:--|--:|--:|--:|--:|\n";
  for (const memcached_client& each : clients) {
    const auto found = arenas.find(std::stoi(descriptor_in(conns, each.link.name())));
    const arena_bytes ours = found != arenas.end() ? found->second : arena_bytes{};
    table << "| " << each.what << " | " << each.state << " | "
          << kib(static_cast<double>(each.known_bytes)) << " | "
          << kib(static_cast<double>(ours.live)) << " | "
          << kib(static_cast<double>(ours.footprint)) << " | "
          << kib(static_cast<double>(ours.footprint) - static_cast<double>(each.known_bytes))
          << " |\n";
  }
  std::size_t charged_bytes = 0;
  for (const auto& [fd, ours] : arenas) charged_bytes += ours.live / slab_bytes * slab_bytes;
  const auto slabs = demo::number_after(query.ask("stats slabs\r\n", "END\r\n"), "total_malloced ");
  table << "\nOf " << kib(static_cast<double>(slabs)) << " KiB of slabs, "
        << kib(static_cast<double>(charged_bytes)) << " KiB are charged to connections.\n";
  return table.str();
}

}  // namespace attribution
