// `connarena export`, and a real Prometheus that fetches what it serves.
#include <signal.h>

#include <algorithm>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "programs/live_view.hpp"
#include "programs/preload.hpp"
#include "shim/launcher/exporter.hpp"

namespace {

using harness::describe;
using harness::outcome;
using programs::json;
using programs::running_program;
using programs::under_run;

/// `connarena export` in the background, at a port that is free.
class exporter {
 public:
  explicit exporter(std::vector<std::string> words) : process_(with_command(std::move(words))) {
    EXPECT_TRUE(process_.says("/metrics\n")) << process_.log();
  }
  [[nodiscard]] std::string address() const {
    const std::string log = process_.log();
    return log.substr(0, log.find('\n'));
  }
  [[nodiscard]] std::string metrics() const {
    const outcome result = harness::run({{"curl", "-sS", "--max-time", "60", address()}});
    EXPECT_TRUE(result.succeeded()) << describe(result);
    return result.output;
  }
  [[nodiscard]] running_program& process() { return process_; }

 private:
  static std::vector<std::string> with_command(std::vector<std::string> words) {
    words.insert(words.begin(), {LAUNCHER, "export", "--listen=127.0.0.1:0"});
    return words;
  }
  running_program process_;
};

std::size_t count_of(const std::string& text, const std::string& pattern) {
  const std::regex expression(pattern);
  const std::sregex_iterator first(text.begin(), text.end(), expression);
  return static_cast<std::size_t>(std::distance(first, std::sregex_iterator()));
}

/// The lines that say what metrics are, but for those of prometheus-cpp's own.
std::set<std::string> headers_of(const std::string& metrics) {
  std::set<std::string> headers;
  std::istringstream lines(metrics);
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind("# ", 0) == 0 && line.find(" connarena_") != std::string::npos) {
      headers.insert(line);
    }
  }
  return headers;
}

class exported : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!HAS_EXPORT) GTEST_SKIP() << "no prometheus-cpp here (Debian: prometheus-cpp-dev)";
    CONNARENA_NEEDS_PROGRAM("curl");
  }
};

TEST_F(exported, metrics_are_those_of_stats) {
  running_program program(under_run({LIVE_PROGRAM, "holding"}));
  ASSERT_TRUE(program.says("ready")) << program.log();
  const std::string pid = std::to_string(program.pid());
  const std::string metrics = exporter({pid}).metrics();
  const outcome stats = programs::stats({pid, "--prometheus"});
  EXPECT_EQ(headers_of(metrics), headers_of(stats.output));
  EXPECT_GE(headers_of(metrics).size(), 30U) << metrics;
  CONNARENA_NEEDS_PROGRAM("promtool");
  // What prometheus-cpp says of itself is not for promtool.
  const std::string ours = metrics.substr(metrics.find("# HELP connarena_"));
  const outcome checked = harness::run({{"promtool", "check", "metrics"}, {}, ours});
  EXPECT_TRUE(checked.succeeded()) << describe(checked) << metrics;
}

TEST_F(exported, series_are_bounded_however_many_connections_there_are) {
  running_program program(under_run({LIVE_PROGRAM, "idle-ones"}));
  running_program other(under_run({LIVE_PROGRAM, "holding"}));
  ASSERT_TRUE(program.says("ready")) << program.log();
  ASSERT_TRUE(other.says("ready")) << other.log();
  const std::vector<std::string> pids = {std::to_string(program.pid()),
                                         std::to_string(other.pid())};
  const std::string metrics = exporter({"--connections=3", pids[0], pids[1]}).metrics();
  EXPECT_EQ(count_of(metrics, "\nconnarena_connection_footprint_bytes\\{"), 3U) << metrics;
  EXPECT_EQ(count_of(metrics, "\nconnarena_resident_bytes\\{"), 2U) << metrics;
  EXPECT_EQ(count_of(metrics, "\nconnarena_open_connection_footprint_bytes_count\\{[^}]*\\} 400"),
            1U)
      << metrics;
  const std::string totals = exporter({"--connections=0", pids[0]}).metrics();
  EXPECT_EQ(count_of(totals, "\nconnarena_connection_footprint_bytes\\{"), 0U) << totals;
}

TEST_F(exported, processes_are_all_of_a_service) {
  running_program service(under_run({LIVE_PROGRAM, "child"}));
  ASSERT_TRUE(service.says("child ")) << service.log();
  const std::string child = service.log().substr(service.log().find("child ") + 6);
  const exporter serving({std::to_string(service.pid())});
  EXPECT_TRUE(harness::wait_until([&] {
    return count_of(serving.metrics(), "\nconnarena_resident_bytes\\{") == 2;
  })) << serving.metrics();
  ::kill(std::stoi(child), SIGKILL);
}

TEST_F(exported, figures_say_how_large_and_old_connections_were_that_ended) {
  running_program program(under_run({LIVE_PROGRAM, "passing"}));
  ASSERT_TRUE(program.says("ready")) << program.log();
  const std::string metrics = exporter({std::to_string(program.pid())}).metrics();
  const std::string ended = std::to_string(4 * 300 * 2);
  for (const char* name : {"peak_bytes", "lifetime_seconds"}) {
    const std::string count = std::string("\nconnarena_ended_connection_") + name;
    EXPECT_EQ(count_of(metrics, count + "_count\\{[^}]*\\} " + ended + "\n"), 1U) << metrics;
    EXPECT_EQ(count_of(metrics, count + "_bucket\\{[^}]*le=\"\\+Inf\"\\} " + ended + "\n"), 1U)
        << metrics;
  }
  // Each of half of them held 100,000 bytes, once, however short it was.
  EXPECT_EQ(count_of(metrics, "peak_bytes_bucket\\{[^}]*le=\"65536\"\\} 1200\n"), 1U) << metrics;
}

TEST_F(exported, until_a_signal_or_the_end_of_the_process) {
  running_program program(under_run({LIVE_PROGRAM, "holding"}));
  ASSERT_TRUE(program.says("ready")) << program.log();
  exporter by_signal({std::to_string(program.pid())});
  exporter by_end({std::to_string(program.pid())});
  EXPECT_EQ(by_signal.process().process().stop().exit_code, 0);
  static_cast<void>(program.process().stop());
  EXPECT_TRUE(harness::wait_until([&] { return !by_end.process().process().is_running(); }));
  EXPECT_EQ(by_end.process().process().stop().exit_code, 0);
}

TEST_F(exported, refuses_what_it_cannot_do) {
  const programs::echo_server other;
  const std::string in_use = "127.0.0.1:" + std::to_string(other.port());
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases = {
      {{}, "--listen is required"},
      {{"--listen=9300"}, "no address"},
      {{"--listen=localhost:9300"}, "no address"},
      {{"--listen=127.0.0.1:99999"}, "no address"},
      {{"--listen=127.0.0.1:80s"}, "no address"},
      {{"--listen=" + in_use}, "cannot listen on " + in_use},
      {{"--listen=127.0.0.1:0", "999999999"}, "no process 999999999"},
      {{"--listen=127.0.0.1:0", "12x"}, "no process number"},
      {{"--listen=127.0.0.1:0", std::to_string(::getpid())}, "no live figures"},
      {{"--listen=127.0.0.1:0", "--connections=some"}, "some"}};
  for (const auto& [words, why] : cases) {
    std::vector<std::string> all{LAUNCHER, "export"};
    all.insert(all.end(), words.begin(), words.end());
    const outcome result = harness::run({all});
    EXPECT_EQ(result.exit_code, 125) << describe(result);
    EXPECT_EQ(std::count(result.errors.begin(), result.errors.end(), '\n'), 1) << result.errors;
    EXPECT_NE(result.errors.find(why), std::string::npos) << result.errors;
  }
}

/// Linked here is what stands in for it.
TEST(export_without_its_library, says_so) {
  std::string error;
  EXPECT_EQ(connarena::launcher::start_exporter("127.0.0.1:0", {}, error), nullptr);
  EXPECT_NE(error.find("built without prometheus-cpp"), std::string::npos);
}

TEST(alert_rules, of_the_docs_fire_when_they_should) {
  CONNARENA_NEEDS_PROGRAM("promtool");
  const outcome checked =
      harness::run({{"promtool", "check", "rules", SOURCE_FOLDER "/docs/prometheus/alerts.yml"}});
  EXPECT_TRUE(checked.succeeded()) << describe(checked);
  const outcome tested = harness::run(
      {{"promtool", "test", "rules", SOURCE_FOLDER "/tests/programs/alerts_test.yml"}});
  EXPECT_TRUE(tested.succeeded()) << describe(tested);
}

/// A Prometheus that fetches one exporter's metrics every second.
class prometheus_server {
 public:
  explicit prometheus_server(const std::string& target)
      : port_(programs::free_port()), server_(words_for(target)) {
    EXPECT_TRUE(programs::is_listening(port_)) << server_.log();
  }
  /// What a query gives: an array; null if it is refused.
  [[nodiscard]] json ask(const std::string& query) const {
    const outcome result =
        harness::run({{"curl", "-sS", "--max-time", "60", "-G", "--data-urlencode",
                       "query=" + query, url("/api/v1/query")}});
    const json answer = json::parse(result.output, nullptr, false);
    const bool is_right = answer.is_object() && answer["status"] == "success";
    return is_right ? answer["data"]["result"] : json();
  }

 private:
  [[nodiscard]] std::string url(const std::string& path) const {
    return "http://127.0.0.1:" + std::to_string(port_) + path;
  }
  std::vector<std::string> words_for(const std::string& target) const {
    const std::string settings = folder_.file("settings.yml");
    std::ofstream(settings) << "global: { scrape_interval: 1s }\nrule_files: [" SOURCE_FOLDER
                               "/docs/prometheus/alerts.yml]\nscrape_configs:\n"
                               "  - job_name: connarena\n    static_configs:\n      - targets: ['"
                            << target << "']\n";
    return {"prometheus", "--config.file=" + settings,
            "--storage.tsdb.path=" + folder_.file("data"),
            "--web.listen-address=127.0.0.1:" + std::to_string(port_)};
  }

  const programs::scratch_folder folder_;
  const programs::port_number port_;
  running_program server_;
};

/// The queries of the dashboard, for every job, program and process.
std::vector<std::string> dashboard_queries() {
  const json dashboard =
      json::parse(std::ifstream(SOURCE_FOLDER "/docs/prometheus/dashboard.json"));
  std::vector<std::string> queries;
  for (const json& panel : dashboard["panels"]) {
    for (const json& target : panel["targets"]) {
      std::string query = target["expr"];
      query = std::regex_replace(query, std::regex(R"(\$__rate_interval)"), "1m");
      queries.push_back(std::regex_replace(query, std::regex(R"(\$\w+)"), ".*"));
    }
  }
  return queries;
}

TEST_F(exported, figures_of_redis_reach_a_prometheus) {
  CONNARENA_NEEDS_PROGRAM("prometheus");
  CONNARENA_NEEDS_PROGRAM("redis-server");
  constexpr std::size_t request_bytes = 8 << 20;
  const programs::port_number port = programs::free_port();
  running_program redis(under_run({"redis-server", "--port", std::to_string(port), "--bind",
                                   "127.0.0.1", "--save", "", "--appendonly", "no"}));
  ASSERT_TRUE(programs::is_listening(port)) << redis.log();
  programs::tcp_client greedy(port);
  greedy.send("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$50000000\r\n" + std::string(request_bytes, 'x'));
  const exporter serving({std::to_string(redis.pid())});
  constexpr std::size_t scheme = sizeof "http://" - 1;
  const std::string target =
      serving.address().substr(scheme, serving.address().rfind('/') - scheme);
  const prometheus_server server(target);
  const std::string peer = "127.0.0.1:" + std::to_string(greedy.port());
  json seen;
  EXPECT_TRUE(harness::wait_until([&] {
    seen = server.ask("connarena_connection_footprint_bytes{peer=\"" + peer + "\"}");
    return seen.is_array() && !seen.empty() &&
           std::stoull(seen[0]["value"][1].get<std::string>()) >= request_bytes;
  })) << seen;
  for (const std::string& query : dashboard_queries()) {
    EXPECT_TRUE(server.ask(query).is_array()) << query;
  }
}

}  // namespace
