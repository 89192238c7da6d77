#include "loads/memcached_load.hpp"

#include <unistd.h>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "loads/text_query.hpp"
#include "net/client_engine.hpp"
#include "net/pattern.hpp"
#include "net/sockets.hpp"

namespace demo {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t wave_count = 10;
constexpr std::size_t clients_per_wave = 200;
constexpr std::size_t exchanges_per_client = 12;
constexpr std::size_t pairs_per_exchange = 3;
constexpr std::size_t keys_per_client = 3;
constexpr std::size_t least_value_bytes = 8 * 1024;
constexpr std::size_t most_value_bytes = 512 * 1024;

/// A wave connects, works and leaves before the next one comes; of the last, the
/// kept connections stay. Each client overwrites keys of its own, so what it
/// gets is what it set; far less is stored than memcached may keep, so nothing is
/// evicted.
class memcached_load final : public load, private client_script {
 public:
  memcached_load() : engine_(*this) {}

  void start(const std::vector<std::string>& environment) override {
    port_ = free_port();
    std::vector<std::string> arguments = {
        "/usr/bin/memcached", "--listen=127.0.0.1", "--port=" + std::to_string(port_),
        "--threads=4",        "--memory-limit=512", "--max-item-size=2m",
        "--conn-limit=1024"};
    // memcached refuses to run as root unless told to.
    if (::geteuid() == 0) arguments.push_back("--user=root");
    launch(std::move(arguments), environment);
    server().wait_until_listening(port_);
  }

  load_outcome work() override {
    const auto begin = std::chrono::steady_clock::now();
    for (std::size_t wave = 0; wave < wave_count; ++wave) run_wave();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    constexpr std::size_t pairs =
        wave_count * clients_per_wave * exchanges_per_client * pairs_per_exchange;
    return {static_cast<double>(pairs * 2), took.count(), {}};
  }

  void close_connections() override { engine_.close_all_but(kept_connections); }

  /// The pages that memcached took for its slabs, which it never frees.
  std::uint64_t held_bytes() override {
    const std::string slabs = text_query(port_).ask("stats slabs\r\n", "END\r\n");
    return number_after(slabs, "STAT total_malloced ");
  }

  void use_kept_connections() override {
    ++exchanges_now_;
    finished_ = 0;
    engine_.start_all();
    engine_.run_until([this] { return finished_ == kept_connections; }, 20s);
  }

 private:
  void run_wave() {
    engine_.close_all_but(0);
    finished_ = 0;
    std::vector<client*> clients;
    for (std::size_t i = 0; i < clients_per_wave; ++i) {
      clients.push_back(&engine_.add(plain_stream(connect_to(port_))));
    }
    for (client* each : clients) engine_.start(*each);
    engine_.run_until([this] { return finished_ == clients_per_wave; }, 60s);
  }

  bool next_exchange(client& each) override {
    if (each.exchanges == exchanges_now_) return false;
    for (std::size_t pair = 0; pair < pairs_per_exchange; ++pair) {
      add_pair(each, each.exchanges * pairs_per_exchange + pair);
    }
    return true;
  }

  void add_pair(client& each, std::size_t pair) {
    const std::size_t place = each.index % clients_per_wave;
    const std::string key =
        "key:" + std::to_string(place) + ":" + std::to_string(pair % keys_per_client);
    const std::uint64_t version = each.index * exchanges_per_client * pairs_per_exchange + pair;
    // A key keeps its size, so that it overwrites its own slab slot each time.
    const std::size_t size_bytes = varied_size(place * keys_per_client + pair % keys_per_client,
                                               least_value_bytes, most_value_bytes);
    const std::string_view value = patterned_value(version, size_bytes);
    each.to_send.add_text("set " + key + " 0 0 " + std::to_string(size_bytes) + "\r\n");
    each.to_send.add_view(value);
    each.to_send.add_text("\r\nget " + key + "\r\n");
    each.expected.add_text("STORED\r\nVALUE " + key + " 0 " + std::to_string(size_bytes) + "\r\n");
    each.expected.add_view(value);
    each.expected.add_text("\r\nEND\r\n");
  }

  void finished(client&) override { ++finished_; }

  int port_ = 0;
  client_engine engine_;
  std::size_t exchanges_now_ = exchanges_per_client;
  std::size_t finished_ = 0;
};

}  // namespace

std::unique_ptr<load> make_memcached_load() { return std::make_unique<memcached_load>(); }

}  // namespace demo
