#include "loads/mariadb_load.hpp"

#include <pwd.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "loads/database_session.hpp"
#include "net/pattern.hpp"
#include "net/sockets.hpp"
#include "process/failure.hpp"

namespace demo {
namespace {

constexpr std::size_t connection_count = 120;
constexpr std::size_t busy_at_once = 48;
constexpr std::size_t writes_per_connection = 4;
constexpr std::size_t reads_per_write = 20;
constexpr std::size_t least_blob_bytes = 256 * 1024;
constexpr std::size_t most_blob_bytes = largest_value_bytes;

/// The server takes no other where root starts it, and none but this where another does.
std::string user_name() {
  const passwd* const user = ::getpwuid(::geteuid());
  if (user == nullptr) throw failure("who runs the demo has no name");
  return user->pw_name;
}

/// Runs the body on so many threads at once; what one of them throws is thrown here.
template <typename Body>
void on_threads(std::size_t count, Body body) {
  std::mutex mutex;
  std::exception_ptr first;
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < count; ++i) {
    threads.emplace_back([&] {
      try {
        body();
      } catch (...) {
        const std::lock_guard guard(mutex);
        if (!first) first = std::current_exception();
      }
      mysql_thread_end();
    });
  }
  for (std::thread& each : threads) each.join();
  if (first) std::rethrow_exception(first);
}

/// 120 connections, 48 of which work at a time, each on a row of its own: it writes a blob
/// and reads it several times, with another blob four times, and stays.
class mariadb_load final : public load {
 public:
  mariadb_load() : sessions_(connection_count) {
    // Not safe on several threads at first.
    if (mysql_library_init(0, nullptr, nullptr) != 0) throw failure("no MariaDB client library");
  }

  /// In an empty folder, without users or settings of the machine; nothing is to outlive
  /// the trial, so that the disk is waited for as little as can be. All blobs fit into
  /// InnoDB's pool.
  void start(const std::vector<std::string>& environment) override {
    port_ = free_port();
    const std::string here = folder().path().string();
    launch(
        {"/usr/sbin/mariadbd", "--no-defaults", "--user=" + user_name(), "--datadir=" + here,
         "--socket=" + here + "/socket", "--pid-file=" + here + "/pid", "--bind-address=127.0.0.1",
         "--port=" + std::to_string(port_), "--skip-grant-tables", "--skip-name-resolve",
         "--skip-log-bin", "--max-connections=400", "--innodb-buffer-pool-size=160M",
         "--innodb-log-file-size=256M", "--innodb-flush-log-at-trx-commit=0",
         "--innodb-flush-method=nosync", "--skip-innodb-doublewrite"},
        environment);
    server().wait_until_listening(port_);
    database_session first(port_);
    first.run("CREATE DATABASE demo");
    first.run(
        "CREATE TABLE demo.blobs (id BIGINT UNSIGNED PRIMARY KEY, body LONGBLOB NOT NULL) "
        "ENGINE=InnoDB");
    pool_at_start_bytes_ = pool_bytes(first);
  }

  load_outcome work() override {
    const auto begin = std::chrono::steady_clock::now();
    std::atomic<std::size_t> next{0};
    on_threads(busy_at_once, [&] {
      for (std::size_t i = next++; i < connection_count; i = next++) serve(i);
    });
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    constexpr std::size_t statements =
        connection_count * writes_per_connection * (1 + reads_per_write);
    return {static_cast<double>(statements), took.count(), {}};
  }

  void close_connections() override { sessions_.resize(kept_connections); }

  /// What InnoDB caches of its tables: the program's own choice, not its malloc's.
  std::uint64_t held_bytes() override {
    return pool_bytes(*sessions_.front()) - pool_at_start_bytes_;
  }

  void use_kept_connections() override {
    for (std::size_t i = 0; i < kept_connections; ++i) {
      write(i, writes_per_connection);
      sessions_[i]->select_blob(i, blob_of(i, writes_per_connection));
    }
  }

 private:
  static std::uint64_t pool_bytes(database_session& asked) {
    return asked.number_from("SHOW GLOBAL STATUS LIKE 'Innodb_buffer_pool_bytes_data'");
  }

  static std::string_view blob_of(std::size_t connection, std::size_t version) {
    const std::uint64_t key = connection * (writes_per_connection + 1) + version;
    return patterned_value(key, varied_size(key, least_blob_bytes, most_blob_bytes));
  }

  void serve(std::size_t connection) {
    sessions_[connection].emplace(port_);
    for (std::size_t version = 0; version < writes_per_connection; ++version) {
      write(connection, version);
      for (std::size_t i = 0; i < reads_per_write; ++i) {
        sessions_[connection]->select_blob(connection, blob_of(connection, version));
      }
    }
  }

  void write(std::size_t connection, std::size_t version) {
    database_session& session = *sessions_[connection];
    const std::string_view blob = blob_of(connection, version);
    if (version == 0) return session.insert_blob(connection, blob);
    session.update_blob(connection, blob);
  }

  int port_ = 0;
  std::uint64_t pool_at_start_bytes_ = 0;
  std::vector<std::optional<database_session>> sessions_;
};

}  // namespace

std::unique_ptr<load> make_mariadb_load() { return std::make_unique<mariadb_load>(); }

}  // namespace demo
