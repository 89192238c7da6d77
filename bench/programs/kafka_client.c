/* kafka_client.c - a librdkafka program: two producers, two consumers, 1 MB batches.
 *
 *   kafka_client BOOTSTRAP_SERVERS
 *
 * Obeys lines on stdin, and answers each with one line:
 *   start   produce and consume at a fixed rate              "ok"
 *   stop    deliver and consume what is under way, and check  "done MESSAGES" or "wrong ..."
 *   close   destroy all clients but one producer              "ok"
 *   use     produce one more message with that one            "ok" or "wrong"
 * Ends at the end of stdin. Every message that was acknowledged must be consumed,
 * each with the bytes that were produced under its number. */
#include <librdkafka/rdkafka.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
  producer_count = 2,
  consumer_count = 2,
  partition_count = 12,
  /* Of one partition, produced and not yet consumed: the mock cluster keeps the
   * last 5 MiB of each partition and forgets what is older. */
  most_outstanding = 36,
  message_bytes = 100 * 1024,
  messages_per_batch = 9,    /* of one partition in a row: a batch just under 1 MB */
  messages_per_second = 120, /* of each producer */
  most_messages = 1 << 20,
  pool_bytes = 1 << 20,
};

static rd_kafka_t* producers[producer_count];
static rd_kafka_t* consumers[consumer_count];
static pthread_t threads[producer_count + consumer_count];
static unsigned char pool[pool_bytes + message_bytes];
static atomic_uint next_number;
static atomic_bool is_producing;
static atomic_bool is_consuming;
static atomic_uint wrong_count;
static atomic_int outstanding[partition_count];
static atomic_uchar delivered[most_messages];
static atomic_uchar consumed[most_messages];

static void fail(const char* what, const char* why) {
  fprintf(stderr, "kafka_client: %s: %s\n", what, why);
  exit(1);
}

static uint64_t mix(uint64_t key) {
  key += 0x9E3779B97F4A7C15u;
  key = (key ^ (key >> 30)) * 0xBF58476D1CE4E5B9u;
  key = (key ^ (key >> 27)) * 0x94D049BB133111EBu;
  return key ^ (key >> 31);
}

static void fill_pool(void) {
  for (size_t at = 0; at < sizeof pool; at += sizeof(uint64_t)) {
    const uint64_t word = mix(at);
    memcpy(pool + at, &word, sizeof word);
  }
}

/* The bytes after a message's number. */
static const unsigned char* bytes_of(uint32_t number) { return pool + mix(number) % pool_bytes; }

static void on_delivery(rd_kafka_t* client, const rd_kafka_message_t* message, void* opaque) {
  (void)client;
  (void)opaque;
  if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
    delivered[(uintptr_t)message->_private] = 1;
  } else {
    wrong_count++;
  }
}

/* A broker that went down is what the demo does; anything else is in the log. */
static void on_error(rd_kafka_t* client, int error, const char* why, void* opaque) {
  (void)client;
  (void)opaque;
  if (error != RD_KAFKA_RESP_ERR__TRANSPORT && error != RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) {
    fprintf(stderr, "kafka_client: %s\n", why);
  }
}

static void set(rd_kafka_conf_t* settings, const char* name, const char* value) {
  char error[256];
  if (rd_kafka_conf_set(settings, name, value, error, sizeof error) != RD_KAFKA_CONF_OK) {
    fail(name, error);
  }
}

static rd_kafka_t* make_client(rd_kafka_type_t type, const char* bootstrap_servers) {
  rd_kafka_conf_t* settings = rd_kafka_conf_new();
  set(settings, "bootstrap.servers", bootstrap_servers);
  set(settings, "reconnect.backoff.max.ms", "500");
  set(settings, "log_level", "2"); /* without every refused connection */
  rd_kafka_conf_set_error_cb(settings, on_error);
  if (type == RD_KAFKA_PRODUCER) {
    set(settings, "batch.size", "1000000");
    set(settings, "linger.ms", "100");
    rd_kafka_conf_set_dr_msg_cb(settings, on_delivery);
  } else {
    set(settings, "group.id", "demo");
    set(settings, "auto.offset.reset", "earliest");
    set(settings, "enable.auto.commit", "false");
  }
  char error[256];
  rd_kafka_t* client = rd_kafka_new(type, settings, error, sizeof error);
  if (client == NULL) fail("rd_kafka_new", error);
  return client;
}

static void produce_one(rd_kafka_t* client, uint32_t number, int partition) {
  unsigned char message[message_bytes];
  outstanding[partition]++;
  memcpy(message, &number, sizeof number);
  memcpy(message + sizeof number, bytes_of(number), sizeof message - sizeof number);
  rd_kafka_resp_err_t error =
      rd_kafka_producev(client, RD_KAFKA_V_TOPIC("demo"), RD_KAFKA_V_PARTITION(partition),
                        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY | RD_KAFKA_MSG_F_BLOCK),
                        RD_KAFKA_V_VALUE(message, sizeof message),
                        RD_KAFKA_V_OPAQUE((void*)(uintptr_t)number), RD_KAFKA_V_END);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) fail("produce", rd_kafka_err2str(error));
}

/* The partition itself, or else the next one that has room. */
static int with_room(int partition) {
  while (outstanding[partition] >= most_outstanding && is_producing) {
    partition = (partition + 1) % partition_count;
    usleep(1000);
  }
  return partition;
}

static void* produce(void* argument) {
  rd_kafka_t* client = argument;
  struct timespec next;
  clock_gettime(CLOCK_MONOTONIC, &next);
  for (unsigned made = 0; is_producing; made++) {
    const uint32_t number = next_number++;
    if (number >= most_messages) fail("produce", "too many messages");
    produce_one(client, number, with_room((int)(made / messages_per_batch % partition_count)));
    rd_kafka_poll(client, 0);
    next.tv_nsec += 1000000000L / messages_per_second;
    if (next.tv_nsec >= 1000000000L) {
      next.tv_nsec -= 1000000000L;
      next.tv_sec++;
    }
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
  }
  rd_kafka_flush(client, 20 * 1000);
  return NULL;
}

static void check(const rd_kafka_message_t* message) {
  uint32_t number = most_messages;
  if (message->len == message_bytes) memcpy(&number, message->payload, sizeof number);
  if (number >= most_messages || memcmp((const char*)message->payload + sizeof number,
                                        bytes_of(number), message_bytes - sizeof number) != 0) {
    wrong_count++;
    return;
  }
  if (!consumed[number]) outstanding[message->partition]--;
  consumed[number] = 1;
}

static void* consume(void* argument) {
  rd_kafka_t* client = argument;
  while (is_consuming) {
    rd_kafka_message_t* message = rd_kafka_consumer_poll(client, 100);
    if (message == NULL) continue;
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) check(message);
    rd_kafka_message_destroy(message);
  }
  return NULL;
}

/* Each consumer takes every second partition: no group, so no rebalancing. */
static void assign(rd_kafka_t* client, int which) {
  rd_kafka_topic_partition_list_t* list = rd_kafka_topic_partition_list_new(partition_count);
  for (int partition = which; partition < partition_count; partition += consumer_count) {
    rd_kafka_topic_partition_list_add(list, "demo", partition)->offset = 0;
  }
  rd_kafka_assign(client, list);
  rd_kafka_topic_partition_list_destroy(list);
}

static void start(const char* bootstrap_servers) {
  is_producing = true;
  is_consuming = true;
  for (int i = 0; i < consumer_count; i++) {
    consumers[i] = make_client(RD_KAFKA_CONSUMER, bootstrap_servers);
    rd_kafka_poll_set_consumer(consumers[i]);
    assign(consumers[i], i);
    pthread_create(&threads[producer_count + i], NULL, consume, consumers[i]);
  }
  for (int i = 0; i < producer_count; i++) {
    producers[i] = make_client(RD_KAFKA_PRODUCER, bootstrap_servers);
    pthread_create(&threads[i], NULL, produce, producers[i]);
  }
  printf("ok\n");
}

static unsigned count_missing(void) {
  unsigned missing = 0;
  for (uint32_t number = 0; number < next_number; number++) {
    if (!delivered[number] || !consumed[number]) missing++;
  }
  return missing;
}

static void stop(void) {
  is_producing = false;
  for (int i = 0; i < producer_count; i++) pthread_join(threads[i], NULL);
  for (int waited = 0; waited < 200 && count_missing() > 0; waited++) usleep(50 * 1000);
  is_consuming = false;
  for (int i = 0; i < consumer_count; i++) pthread_join(threads[producer_count + i], NULL);
  if (wrong_count > 0 || count_missing() > 0) {
    printf("wrong: %u messages wrong, %u of %u missing\n", wrong_count, count_missing(),
           next_number);
  } else {
    printf("done %u\n", next_number);
  }
}

static void close_all_but_one(void) {
  for (int i = 0; i < consumer_count; i++) {
    rd_kafka_consumer_close(consumers[i]);
    rd_kafka_destroy(consumers[i]);
  }
  for (int i = 1; i < producer_count; i++) rd_kafka_destroy(producers[i]);
  printf("ok\n");
}

static void use_last(void) {
  const uint32_t number = next_number++;
  produce_one(producers[0], number, 0);
  rd_kafka_flush(producers[0], 10 * 1000);
  printf(delivered[number] ? "ok\n" : "wrong\n");
}

int main(int count, char** arguments) {
  if (count != 2) fail("usage", "kafka_client BOOTSTRAP_SERVERS");
  fill_pool();
  printf("ready\n");
  fflush(stdout);
  char line[64];
  while (fgets(line, sizeof line, stdin) != NULL) {
    if (strcmp(line, "start\n") == 0) start(arguments[1]);
    if (strcmp(line, "stop\n") == 0) stop();
    if (strcmp(line, "close\n") == 0) close_all_but_one();
    if (strcmp(line, "use\n") == 0) use_last();
    fflush(stdout);
  }
  return 0;
}
