#include "driver/shape_trial.hpp"

#include <signal.h>

#include <atomic>
#include <chrono>
#include <exception>
#include <random>
#include <sstream>
#include <thread>
#include <vector>

#include "driver/built_files.hpp"
#include "net/client_engine.hpp"
#include "net/pattern.hpp"
#include "net/sockets.hpp"
#include "process/failure.hpp"
#include "process/private_folder.hpp"
#include "process/server_process.hpp"
#include "wire.hpp"

namespace attribution {
namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

constexpr std::size_t clients_at_once = 64;
constexpr std::size_t exchanges_per_client = 12;
constexpr auto duration = 3s;
constexpr std::size_t least_bytes = 300;
constexpr std::size_t most_bytes = 64 * 1024;
constexpr auto answer_patience = 10s;

/// Clients that come, make a dozen exchanges and leave; for each that leaves one comes.
class crowd final : private demo::client_script {
 public:
  crowd(int port, const shape_load& load) : port_(port), load_(load), engine_(*this) {}

  void work() {
    const auto end = clock::now() + duration;
    for (std::size_t i = 0; i < clients_at_once; ++i) come();
    engine_.run_until([=] { return clock::now() > end; }, duration * 4);
  }

 private:
  void come() { engine_.start(engine_.add(demo::plain_stream(demo::connect_to(port_)))); }

  bool next_exchange(demo::client& each) override {
    if (each.exchanges == exchanges_per_client) return false;
    const std::uint64_t key = each.index * exchanges_per_client + each.exchanges;
    const std::size_t most = load_.fits_the_cache ? most_cached_bytes : most_bytes;
    const std::size_t request_bytes = demo::varied_size(2 * key, least_bytes, most);
    const std::size_t reply_bytes =
        load_.fits_the_cache ? request_bytes : demo::varied_size(2 * key + 1, least_bytes, most);
    const request_header header{static_cast<std::uint32_t>(request_bytes),
                                static_cast<std::uint32_t>(reply_bytes)};
    const char filling = static_cast<char>('a' + key % 26);
    each.to_send.add_text({reinterpret_cast<const char*>(&header), sizeof header});
    each.to_send.add_text(std::string(request_bytes, filling));
    each.expected.add_text(std::string(reply_bytes, filling));
    return true;
  }

  void finished(demo::client& each) override {
    engine_.close(each);
    come();
  }

  int port_;
  const shape_load& load_;
  demo::client_engine engine_;
};

tally next_tally(std::istream& from) {
  tally read;
  if (!(from >> read.right >> read.wrong >> read.nobody)) throw demo::failure("no sample");
  return read;
}

/// Asks the server for samples on a thread of its own, at moments that follow no rhythm.
class sampling {
 public:
  explicit sampling(demo::server_process& server) : server_(server), thread_([this] { work(); }) {}
  ~sampling() {
    if (thread_.joinable()) finish_thread();
  }
  sampling(const sampling&) = delete;
  sampling& operator=(const sampling&) = delete;

  shape_figures finish() {
    finish_thread();
    if (failed_) std::rethrow_exception(failed_);
    return figures_;
  }

 private:
  void finish_thread() {
    ends_.store(true);
    thread_.join();
  }

  void work() try {
    std::minstd_rand random(1);
    while (!ends_.load()) {
      std::this_thread::sleep_for(std::chrono::microseconds(1000 + random() % 8000));
      ::kill(server_.id(), SIGUSR1);
      std::istringstream answer(server_.hear(answer_patience));
      for (tally* each : {&figures_.touched_runs, &figures_.other_runs, &figures_.touched_small,
                          &figures_.other_small}) {
        *each += next_tally(answer);
      }
      ++figures_.samples;
    }
  } catch (...) {
    failed_ = std::current_exception();
  }

  demo::server_process& server_;
  shape_figures figures_;
  std::exception_ptr failed_;
  std::atomic<bool> ends_{false};
  std::thread thread_;
};

}  // namespace

tally& tally::operator+=(const tally& other) noexcept {
  right += other.right;
  wrong += other.wrong;
  nobody += other.nobody;
  return *this;
}

shape_figures run_shape(const shape_load& load) {
  const demo::private_folder folder;
  demo::server_process server(
      {{built_server(), load.shape},
       {"LD_PRELOAD=" + preload_library(),
        std::string("CONNARENA_SMALL=") + (load.counts_small ? "on" : "off")},
       folder.path() / "log",
       true});
  const std::string words = server.hear(answer_patience);
  const std::string announced = "port ";
  if (words.rfind(announced, 0) != 0) return {{}, {}, {}, {}, 0, words};
  crowd clients(std::stoi(words.substr(announced.size())), load);
  sampling samples(server);
  clients.work();
  return samples.finish();
}

}  // namespace attribution
