#include "loads/stunnel_load.hpp"

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "net/client_engine.hpp"
#include "net/echo_server.hpp"
#include "net/pattern.hpp"
#include "net/sockets.hpp"
#include "net/tls_identity.hpp"

namespace demo {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t wave_count = 5;
constexpr std::size_t clients_per_wave = 250;
constexpr std::size_t exchanges_per_client = 8;
constexpr std::size_t least_message_bytes = 16 * 1024;
constexpr std::size_t most_message_bytes = 256 * 1024;

/// Waves of TLS clients; each sends a message and awaits its echo, several times.
class stunnel_load final : public load, private client_script {
 public:
  stunnel_load()
      : identity_(make_tls_identity()), context_(make_client_context(identity_)), engine_(*this) {}

  void start(const std::vector<std::string>& environment) override {
    port_ = free_port();
    const std::filesystem::path key = folder().write("key.pem", identity_.key_pem);
    const std::filesystem::path certificate =
        folder().write("certificate.pem", identity_.certificate_pem);
    const std::filesystem::path settings = folder().write(
        "stunnel.conf",
        "foreground = yes\nsyslog = no\npid =\ndebug = 3\n[echo]\naccept = 127.0.0.1:" +
            std::to_string(port_) + "\nconnect = 127.0.0.1:" + std::to_string(echo_.port()) +
            "\ncert = " + certificate.string() + "\nkey = " + key.string() + "\n");
    launch({"/usr/bin/stunnel4", settings.string()}, environment);
    server().wait_until_listening(port_);
  }

  load_outcome work() override {
    const auto begin = std::chrono::steady_clock::now();
    for (std::size_t wave = 0; wave < wave_count; ++wave) run_wave();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    return {static_cast<double>(wave_count * clients_per_wave * exchanges_per_client),
            took.count(),
            {}};
  }

  void close_connections() override { engine_.close_all_but(kept_connections); }

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
      clients.push_back(&engine_.add(tls_stream(context_.get(), connect_to(port_))));
    }
    for (client* each : clients) engine_.start(*each);
    engine_.run_until([this] { return finished_ == clients_per_wave; }, 60s);
  }

  bool next_exchange(client& each) override {
    if (each.exchanges == exchanges_now_) return false;
    const std::uint64_t key = each.index * exchanges_per_client + each.exchanges;
    const std::string_view message =
        patterned_value(key, varied_size(key, least_message_bytes, most_message_bytes));
    each.to_send.add_view(message);
    each.expected.add_view(message);
    return true;
  }

  void finished(client&) override { ++finished_; }

  tls_identity identity_;
  tls_context context_;
  echo_server echo_;
  int port_ = 0;
  client_engine engine_;
  std::size_t exchanges_now_ = exchanges_per_client;
  std::size_t finished_ = 0;
};

}  // namespace

std::unique_ptr<load> make_stunnel_load() { return std::make_unique<stunnel_load>(); }

}  // namespace demo
