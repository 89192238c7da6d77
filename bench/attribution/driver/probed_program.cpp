#include "driver/probed_program.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include "driver/built_files.hpp"
#include "net/sockets.hpp"
#include "process/failure.hpp"

namespace attribution {
namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

constexpr auto patience = 10s;

void wait_for(int socket, short events) {
  pollfd waited{socket, events, 0};
  const auto most_ms = std::chrono::duration_cast<std::chrono::milliseconds>(patience).count();
  if (::poll(&waited, 1, static_cast<int>(most_ms)) != 1) throw demo::failure("no progress");
}

}  // namespace

probed_program::probed_program(std::vector<std::string> arguments, int port)
    : request_((folder_.path() / "probe").string()),
      server_(std::make_unique<demo::server_process>(
          demo::launch_plan{std::move(arguments),
                            {"LD_PRELOAD=" + preload_library() + " " + built_probe(),
                             "CONNARENA_PROBE=" + request_, "CONNARENA_SMALL=off"},
                            folder_.path() / "log"})) {
  server_->wait_until_listening(port);
}

std::map<int, arena_bytes> probed_program::ask() {
  std::ofstream(request_) << "\n";
  const auto deadline = clock::now() + patience;
  while (std::filesystem::exists(request_)) {
    if (clock::now() > deadline)
      throw demo::failure("the probe is silent: " + server_->last_words());
    std::this_thread::sleep_for(2ms);
  }
  std::map<int, arena_bytes> arenas;
  std::ifstream answer(request_ + ".answer");
  int fd = 0;
  arena_bytes holds;
  while (answer >> fd >> holds.footprint >> holds.live) arenas[fd] = holds;
  return arenas;
}

held_client::held_client(int port) : socket_(demo::connect_to(port)) {}

void held_client::send(const std::string& bytes) {
  for (std::size_t at = 0; at < bytes.size();) {
    wait_for(socket_.get(), POLLOUT);
    const ssize_t sent =
        ::send(socket_.get(), bytes.data() + at, bytes.size() - at, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0) demo::fail_by_errno("send");
    at += static_cast<std::size_t>(sent);
  }
}

void held_client::read_until(const std::string& end) {
  std::string got;
  while (got.find(end) == std::string::npos) {
    wait_for(socket_.get(), POLLIN);
    char buffer[4096];
    const ssize_t size = ::recv(socket_.get(), buffer, sizeof buffer, 0);
    if (size <= 0) throw demo::failure("the server closed a connection");
    got.append(buffer, static_cast<std::size_t>(size));
  }
}

std::string held_client::name() const {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  ::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&address), &size);
  return "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
}

}  // namespace attribution
