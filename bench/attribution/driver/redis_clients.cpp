#include "driver/redis_clients.hpp"

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
using clock = std::chrono::steady_clock;

constexpr std::size_t value_bytes = 300 * 1024;
// The kernel's socket buffers take some megabytes of an answer first.
constexpr std::size_t kernel_gets = 24;

struct redis_client {
  std::string what;
  held_client link;
};

std::string word(const std::string& text) {
  return "$" + std::to_string(text.size()) + "\r\n" + text + "\r\n";
}

/// A command whose last word has more bytes than are sent of it.
std::string cut_short(std::size_t sent_bytes, std::size_t announced_bytes) {
  return "*3\r\n" + word("SET") + word("held") + "$" + std::to_string(announced_bytes) + "\r\n" +
         std::string(sent_bytes, 'q');
}

std::string gets(std::size_t count) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += "*2\r\n" + word("GET") + word("value");
  return all;
}

/// The line of CLIENT LIST about a client.
std::string line_of(const std::string& list, const std::string& address) {
  std::istringstream lines(list);
  for (std::string line; std::getline(lines, line);) {
    if (line.find(" addr=" + address + " ") != std::string::npos) return line;
  }
  throw demo::failure("CLIENT LIST does not name " + address);
}

/// What CLIENT LIST says that the clients hold, one after the other.
std::string memory_in(const std::string& list, const std::vector<redis_client>& clients) {
  std::string fields;
  for (const redis_client& each : clients) {
    fields +=
        std::to_string(demo::number_after(line_of(list, each.link.name()), " tot-mem=")) + " ";
  }
  return fields;
}

struct both_accounts {
  std::string list;
  std::map<int, arena_bytes> arenas;
};

/// Asks redis, the arenas and redis again, until it says both times the same.
both_accounts ask_at_rest(probed_program& redis, demo::text_query& query,
                          const std::vector<redis_client>& clients) {
  const auto deadline = clock::now() + 10s;
  const auto ask = [&] { return query.ask("CLIENT LIST\r\n", "resp=2\n\r\n"); };
  for (;;) {
    const std::string before = ask();
    std::this_thread::sleep_for(300ms);
    const std::map<int, arena_bytes> arenas = redis.ask();
    if (memory_in(ask(), clients) == memory_in(before, clients)) return {before, arenas};
    if (clock::now() > deadline) throw demo::failure("redis's clients do not come to rest");
  }
}

std::vector<redis_client> hold_clients(int port) {
  std::vector<redis_client> clients;
  const auto add = [&](const std::string& what, const std::string& sent) {
    clients.push_back({what, held_client(port)});
    clients.back().link.send(sent);
  };
  add("idle", "PING\r\n");
  // redis keeps a word of 32 KiB and more in a buffer of its own size.
  for (const std::size_t bytes : {20u << 10, 200u << 10, 700u << 10, 3000u << 10}) {
    add("query cut short, " + kib(static_cast<double>(bytes)) + " KiB",
        cut_short(bytes, bytes + 9000));
  }
  for (const std::size_t more : {4u, 12u, 40u}) {
    add("answers not read, " + std::to_string(more + kernel_gets) + " values",
        gets(kernel_gets + more));
  }
  return clients;
}

}  // namespace

std::string redis_table() {
  const int port = demo::free_port();
  std::ostringstream table;
  probed_program redis({"/usr/bin/redis-server", "--bind", "127.0.0.1", "--port",
                        std::to_string(port), "--save", "", "--appendonly", "no"},
                       port);
  demo::text_query query(port);
  // A command's first use makes redis's own statistics of it: not of a client below.
  query.ask("*3\r\n" + word("SET") + word("value") + word(std::string(value_bytes, 'v')),
            "+OK\r\n");
  query.ask("GET value\r\n", "v\r\n");
  query.ask("PING\r\n", "+PONG\r\n");
  std::vector<redis_client> clients = hold_clients(port);
  const auto [list, arenas] = ask_at_rest(redis, query, clients);
  table << "| client | qbuf | obl + omem | tot-mem | its arena: live | footprint | error |\n"
        << "|:--|--:|--:|--:|--:|--:|--:|\n";
  for (const redis_client& each : clients) {
    const std::string line = line_of(list, each.link.name());
    const auto number = [&](const char* label) {
      return static_cast<double>(demo::number_after(line, label));
    };
    const auto found = arenas.find(static_cast<int>(demo::number_after(line, " fd=")));
    const arena_bytes ours = found != arenas.end() ? found->second : arena_bytes{};
    const double theirs = number(" tot-mem=");
    table << "| " << each.what << " | " << kib(number(" qbuf=") + number(" qbuf-free=")) << " | "
          << kib(number(" obl=") + number(" omem=")) << " | " << kib(theirs) << " | "
          << kib(static_cast<double>(ours.live)) << " | "
          << kib(static_cast<double>(ours.footprint)) << " | "
          << error_percent(static_cast<double>(ours.footprint), theirs) << " |\n";
  }
  return table.str();
}

}  // namespace attribution
