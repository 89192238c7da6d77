/* kafka_cluster.c - librdkafka's mock cluster of three brokers, in a process of
 * its own so that its memory is not taken for the client's.
 *
 * Prints its bootstrap servers as the first line; then obeys lines on stdin:
 *   down N   broker N (1-3) closes its connections and refuses new ones
 *   up N     and accepts again
 * Each is answered with "ok". Ends at the end of stdin. */
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <stdio.h>
#include <stdlib.h>

enum { broker_count = 3, partition_count = 12 };

int main(void) {
  char error[512];
  rd_kafka_t* host = rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), error, sizeof error);
  rd_kafka_mock_cluster_t* cluster = host ? rd_kafka_mock_cluster_new(host, broker_count) : NULL;
  if (cluster == NULL) {
    fprintf(stderr, "no mock cluster: %s\n", host ? "refused" : error);
    return 1;
  }
  rd_kafka_mock_topic_create(cluster, "demo", partition_count, broker_count);
  printf("%s\n", rd_kafka_mock_cluster_bootstraps(cluster));
  fflush(stdout);

  char line[64];
  char what[16];
  int broker = 0;
  while (fgets(line, sizeof line, stdin) != NULL) {
    if (sscanf(line, "%15s %d", what, &broker) != 2) continue;
    if (what[0] == 'd') {
      rd_kafka_mock_broker_set_down(cluster, broker);
    } else {
      rd_kafka_mock_broker_set_up(cluster, broker);
    }
    printf("ok\n");
    fflush(stdout);
  }
  rd_kafka_mock_cluster_destroy(cluster);
  rd_kafka_destroy(host);
  return 0;
}
