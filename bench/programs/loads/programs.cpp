#include "loads/kafka_load.hpp"
#include "loads/load.hpp"
#include "loads/mariadb_load.hpp"
#include "loads/memcached_load.hpp"
#include "loads/mosquitto_load.hpp"
#include "loads/redis_load.hpp"
#include "loads/stunnel_load.hpp"

namespace demo {

const std::vector<program>& all_programs() {
  static const std::vector<program> programs = {
      {"redis-flushed", "redis-server, keys flushed at the end", "/usr/bin/redis-server",
       "redis-server", "commands", true, false, 9,
       [] { return make_redis_load(at_the_end::flush_keys); }},
      {"redis-kept", "redis-server, keys kept", "/usr/bin/redis-server", "redis-server", "commands",
       true, false, 9, [] { return make_redis_load(at_the_end::keep_keys); }},
      {"memcached", "memcached, 4 threads", "/usr/bin/memcached", "memcached", "commands", false,
       false, 9, [] { return make_memcached_load(); }},
      {"mosquitto", "mosquitto, slow subscribers leave", "/usr/sbin/mosquitto", "mosquitto",
       "messages", false, false, 9, [] { return make_mosquitto_load(); }},
      {"stunnel", "stunnel, a thread per connection", "/usr/bin/stunnel4", "stunnel4", "echoes",
       false, false, 9, [] { return make_stunnel_load(); }},
      {"mariadb", "mariadbd, a thread per connection, large blobs", "/usr/sbin/mariadbd",
       "mariadb-server", "statements", false, false, 9, [] { return make_mariadb_load(); }},
      {"librdkafka", "a librdkafka client, three brokers", kafka_client_path(), "", "messages",
       false, true, 28, [] { return make_kafka_load(); }},
  };
  return programs;
}

}  // namespace demo
