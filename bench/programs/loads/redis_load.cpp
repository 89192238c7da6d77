#include "loads/redis_load.hpp"

#include <chrono>
#include <deque>
#include <map>
#include <string>
#include <string_view>

#include "loads/text_query.hpp"
#include "net/client_engine.hpp"
#include "net/pattern.hpp"
#include "net/sockets.hpp"
#include "process/failure.hpp"

namespace demo {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t worker_count = 2960;
constexpr std::size_t slow_reader_count = 40;
constexpr std::size_t idle_at_once = 100;
constexpr std::size_t slow_reader_gets = 12;
constexpr std::size_t busy_at_once = 24;
constexpr std::size_t pipelines_per_worker = 3;
constexpr std::size_t pairs_per_pipeline = 3;
constexpr std::size_t pairs_per_worker = pipelines_per_worker * pairs_per_pipeline;
constexpr std::size_t keys_per_slot = 18;
constexpr std::size_t least_value_bytes = 64 * 1024;
constexpr std::size_t most_value_bytes = largest_value_bytes;
constexpr std::size_t feed_value_bytes = 512 * 1024;
constexpr std::uint64_t feed_key = 1;

/// How redis announces a string of that size.
std::string announced(std::size_t size_bytes) {
  std::string line(1, '$');
  return line.append(std::to_string(size_bytes)).append("\r\n");
}

void add_set(client& each, const std::string& key, std::string_view value) {
  each.to_send.add_text("*3\r\n$3\r\nSET\r\n" + announced(key.size()) + key + "\r\n" +
                        announced(value.size()));
  each.to_send.add_view(value);
  each.to_send.add_text("\r\n");
  each.expected.add_text("+OK\r\n");
}

void add_get(client& each, const std::string& key, std::string_view value) {
  each.to_send.add_text("*2\r\n$3\r\nGET\r\n" + announced(key.size()) + key + "\r\n");
  each.expected.add_text(announced(value.size()));
  each.expected.add_view(value);
  each.expected.add_text("\r\n");
}

/// 3,000 connections in all. A worker sends three pipelines, stays idle for a
/// while and leaves; a slow reader stays. A busy client has a slot of the key space for itself, so
/// that what it GETs is what it SET; the next client in the slot overwrites the same keys.
class redis_load final : public load, private client_script {
 public:
  explicit redis_load(at_the_end what) : at_the_end_(what), engine_(*this) {
    for (std::size_t slot = 0; slot < busy_at_once; ++slot) free_slots_.push_back(slot);
  }

  void start(const std::vector<std::string>& environment) override {
    port_ = free_port();
    launch({"/usr/bin/redis-server", "--bind", "127.0.0.1", "--port", std::to_string(port_),
            "--save", "", "--appendonly", "no", "--maxclients", "4000", "--tcp-backlog", "1024",
            "--dir", folder().path().string()},
           environment);
    server().wait_until_listening(port_);
  }

  load_outcome work() override {
    const auto begin = std::chrono::steady_clock::now();
    while (started_ < busy_at_once) start_worker();
    engine_.run_until([this] { return finished_ == worker_count; }, 120s);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    return {static_cast<double>(worker_count * pairs_per_worker * 2), took.count(), {}};
  }

  void close_connections() override {
    if (at_the_end_ == at_the_end::flush_keys) {
      text_query(port_).ask("FLUSHALL\r\n", "+OK\r\n");
    }
    engine_.close_all_but(kept_connections);
  }

  /// used_memory is what redis has in live blocks of its malloc, clients and
  /// tables included, so nothing it still needs is missing from it; less what it
  /// had at its start, which is part of the resident memory before.
  std::uint64_t held_bytes() override {
    const std::string info = text_query(port_).ask("INFO memory\r\n", "\r\nlazyfreed_objects:");
    return number_after(info, "\nused_memory:") - number_after(info, "\nused_memory_startup:");
  }

  void use_kept_connections() override {
    is_last_use_ = true;
    finished_ = 0;
    engine_.start_all();
    engine_.run_until([this] { return finished_ == kept_connections; }, 20s);
  }

 private:
  void start_worker() {
    ++started_;
    engine_.start(engine_.add(plain_stream(connect_to(port_))));
  }

  void start_slow_reader() {
    ++slow_started_;
    engine_.start(engine_.add(plain_stream(connect_to(port_)), true));
  }

  bool next_exchange(client& each) override {
    if (each.is_slow) {
      for (std::size_t i = 0; i < slow_reader_gets; ++i) add_get(each, "feed", feed_value());
      return true;
    }
    if (is_last_use_) return use_once_more(each);
    if (each.exchanges == pipelines_per_worker) return false;
    if (each.exchanges == 0) take_slot(each);
    // The feed that slow readers ask for is there before the first of them.
    if (each.index == 0) {
      add_set(each, "feed", feed_value());
      add_get(each, "feed", feed_value());
    }
    for (std::size_t pair = 0; pair < pairs_per_pipeline; ++pair) {
      add_pair(each, each.exchanges * pairs_per_pipeline + pair);
    }
    return true;
  }

  static bool use_once_more(client& each) {
    if (each.exchanges > pipelines_per_worker) return false;
    const std::uint64_t version = ~std::uint64_t{each.index};
    const std::string key = "last:" + std::to_string(each.index);
    add_set(each, key, patterned_value(version, least_value_bytes));
    add_get(each, key, patterned_value(version, least_value_bytes));
    return true;
  }

  void take_slot(const client& each) {
    slot_of_[&each] = free_slots_.front();
    free_slots_.pop_front();
  }

  void add_pair(client& each, std::size_t pair) {
    const std::uint64_t version = feed_key + 1 + each.index * pairs_per_worker + pair;
    const std::size_t which = slot_of_[&each] * keys_per_slot + version % keys_per_slot;
    const std::string key = "key:" + std::to_string(which);
    const std::string_view value =
        patterned_value(version, varied_size(version, least_value_bytes, most_value_bytes));
    add_set(each, key, value);
    add_get(each, key, value);
  }

  void finished(client& each) override {
    ++finished_;
    if (is_last_use_) return;
    free_slots_.push_back(slot_of_[&each]);
    slot_of_.erase(&each);
    if (finished_ > kept_connections) idle_.push_back(&each);
    if (idle_.size() > idle_at_once) {
      engine_.close(*idle_.front());
      idle_.pop_front();
    }
    if (started_ < worker_count) start_worker();
    // The slow readers come in the second half and stay to the end.
    const std::size_t due = slow_reader_count * 2 * finished_ / worker_count;
    if (slow_reader_count + slow_started_ < due) start_slow_reader();
  }

  static std::string_view feed_value() { return patterned_value(feed_key, feed_value_bytes); }

  at_the_end at_the_end_;
  int port_ = 0;
  client_engine engine_;
  std::deque<std::size_t> free_slots_;
  std::map<const client*, std::size_t> slot_of_;
  std::deque<client*> idle_;
  std::size_t started_ = 0;
  std::size_t slow_started_ = 0;
  std::size_t finished_ = 0;
  bool is_last_use_ = false;
};

}  // namespace

std::unique_ptr<load> make_redis_load(at_the_end what) {
  return std::make_unique<redis_load>(what);
}

}  // namespace demo
