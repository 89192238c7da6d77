// Live figures of real servers: whose memory it is.
#include <fstream>

#include "programs/live_view.hpp"
#include "programs/nginx_settings.hpp"
#include "programs/preload.hpp"

namespace {

using programs::json;
using programs::live_figures_when;
using programs::most_footprint;
using programs::running_program;
using programs::tcp_client;
using programs::under_run;

constexpr std::size_t request_bytes = 8 << 20;

std::string end_of(const tcp_client& client) {
  return "127.0.0.1:" + std::to_string(client.port());
}

TEST(live_servers, redis_shows_the_client_whose_request_never_ends) {
  CONNARENA_NEEDS_PROGRAM("redis-server");
  const programs::port_number port = programs::free_port();
  running_program redis(under_run({"redis-server", "--port", std::to_string(port), "--bind",
                                   "127.0.0.1", "--save", "", "--appendonly", "no"}));
  ASSERT_TRUE(programs::is_listening(port)) << redis.log();
  std::vector<tcp_client> others;
  for (int i = 0; i < 20; ++i) {
    others.emplace_back(port);
    others.back().send("PING\r\n");
    EXPECT_EQ(others.back().receive_line(), "+PONG");
  }
  tcp_client greedy(port);
  greedy.send("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$50000000\r\n" + std::string(request_bytes, 'x'));
  const json seen = live_figures_when(redis.pid(), [&](const json& of) {
    return most_footprint(of) >= request_bytes && of["connections"].size() >= 21;
  });
  EXPECT_EQ(programs::text_at(seen["connections"][0], "peer"), end_of(greedy))
      << seen["connections"][0];
  EXPECT_LT(seen["connections"][1]["footprint_bytes"], request_bytes / 8);
}

/// What is said of the processes of a program.
std::vector<json> figures_of_all(const std::string& program) {
  std::vector<json> found;
  const harness::outcome result = programs::stats({"--json"});
  const json all = json::parse(result.output, nullptr, false);
  if (!all.is_object()) return found;
  for (const json& each : all["processes"]) {
    if (programs::text_at(each, "program") != program) continue;
    const json figures = programs::live_figures(each["pid"].get<pid_t>());
    if (figures.is_object()) found.push_back(figures);
  }
  return found;
}

bool has_connection(const json& process, const std::string& peer, std::size_t bytes) {
  const json& rows = process["connections"];
  return std::any_of(rows.begin(), rows.end(), [&](const json& row) {
    return programs::text_at(row, "peer") == peer &&
           row["footprint_bytes"].get<std::size_t>() >= bytes;
  });
}

TEST(live_servers, nginx_shows_each_worker_and_its_clients) {
  CONNARENA_NEEDS_PROGRAM("nginx");
  constexpr std::size_t body_bytes = 400000;
  const programs::scratch_folder folder;
  const programs::port_number port = programs::free_port();
  std::ofstream(folder.file("settings")) << programs::nginx_settings(folder, port);
  running_program nginx(under_run({"nginx", "-c", folder.file("settings"), "-p", folder.file("")}));
  ASSERT_TRUE(programs::is_listening(port)) << nginx.log();
  tcp_client client(port);
  client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 900000\r\n\r\n" +
              std::string(body_bytes, 'x'));
  const auto is_shown = [&] {
    const std::vector<json> all = figures_of_all("nginx");
    const auto has_client = [&](const json& each) {
      return has_connection(each, end_of(client), body_bytes);
    };
    return all.size() >= 5 && std::count_if(all.begin(), all.end(), has_client) == 1;
  };
  EXPECT_TRUE(harness::wait_until(is_shown)) << json(figures_of_all("nginx")).dump(1);
  const std::string pid = std::to_string(nginx.pid());
  const harness::outcome together = harness::run({{LAUNCHER, "top", "--once", "--together", pid}});
  EXPECT_NE(together.output.find("nginx, 5 processes"), std::string::npos) << together.output;
  EXPECT_NE(together.output.find(end_of(client)), std::string::npos) << together.output;
}

}  // namespace
