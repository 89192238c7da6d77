#include "loads/kafka_load.hpp"

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "loads/text_query.hpp"
#include "process/failure.hpp"
#include "process/own_folder.hpp"
#include "process/process_memory.hpp"

namespace demo {
namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

constexpr int broker_count = 3;
constexpr auto warm_up = 4s;
constexpr auto steady_phase = 20s;
constexpr auto bounce_period = 1500ms;
constexpr auto down_time = 400ms;
constexpr auto sampling_period = 100ms;

struct sample {
  double minutes;
  double resident_mib;
};

/// By least squares.
double slope(const std::vector<sample>& samples) {
  const auto count = static_cast<double>(samples.size());
  double x = 0, y = 0, xx = 0, xy = 0;
  for (const sample& each : samples) {
    x += each.minutes;
    y += each.resident_mib;
    xx += each.minutes * each.minutes;
    xy += each.minutes * each.resident_mib;
  }
  return (count * xy - x * y) / (count * xx - x * x);
}

/// The client produces and consumes at a fixed rate; every 1.5 s one of the
/// brokers closes its connections and comes back. At the end all the client's
/// own clients but one producer are destroyed, which closes theirs.
class kafka_load final : public load {
 public:
  void start(const std::vector<std::string>& environment) override {
    cluster_ = std::make_unique<server_process>(launch_plan{
        {(own_folder() / "kafka_cluster").string()}, {}, folder().path() / "cluster.log", true});
    const std::string bootstrap_servers = cluster_->hear(10s);
    launch({kafka_client_path(), bootstrap_servers}, environment, true);
    expect(server().hear(10s), "ready");
  }

  load_outcome work() override {
    const auto begin = clock::now();
    server().tell("start");
    expect(server().hear(10s), "ok");
    const std::vector<sample> steady = bounce_brokers(begin);
    server().tell("stop");
    const std::string answer = server().hear(45s);
    const std::chrono::duration<double> took = clock::now() - begin;
    if (answer.rfind("done ", 0) != 0) throw failure(answer);
    return {static_cast<double>(number_after(answer, "done ")), took.count(), slope(steady)};
  }

  void close_connections() override {
    server().tell("close");
    expect(server().hear(20s), "ok");
  }

  void use_kept_connections() override {
    server().tell("use");
    expect(server().hear(20s), "ok");
  }

 private:
  static void expect(const std::string& answer, const std::string& wanted) {
    if (answer != wanted) throw failure("unexpected answer: " + answer);
  }

  void command_cluster(const std::string& line) {
    cluster_->tell(line);
    expect(cluster_->hear(5s), "ok");
  }

  /// Returns the client's resident memory in the steady phase.
  std::vector<sample> bounce_brokers(clock::time_point begin) {
    std::vector<sample> steady;
    auto next_change = begin + bounce_period;
    bool is_down = false;
    for (int bounces = 0; clock::now() < begin + warm_up + steady_phase;) {
      std::this_thread::sleep_for(sampling_period);
      const auto now = clock::now();
      if (now >= begin + warm_up) steady.push_back(sample_now(now - begin));
      if (now < next_change) continue;
      const std::string broker = std::to_string(bounces % broker_count + 1);
      command_cluster((is_down ? "up " : "down ") + broker);
      if (is_down) ++bounces;
      next_change = now + (is_down ? bounce_period : down_time);
      is_down = !is_down;
    }
    for (int broker = 1; broker <= broker_count; ++broker) {
      command_cluster("up " + std::to_string(broker));
    }
    return steady;
  }

  sample sample_now(clock::duration since_begin) {
    const std::chrono::duration<double, std::ratio<60>> minutes = since_begin;
    const auto bytes = resident_bytes(process());
    if (!bytes) throw failure("has ended: " + last_words());
    return {minutes.count(), static_cast<double>(*bytes) / (1024.0 * 1024.0)};
  }

  std::unique_ptr<server_process> cluster_;
};

}  // namespace

std::string kafka_client_path() { return (own_folder() / "kafka_client").string(); }

std::unique_ptr<load> make_kafka_load() { return std::make_unique<kafka_load>(); }

}  // namespace demo
