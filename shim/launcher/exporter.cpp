#include "shim/launcher/exporter.hpp"

#include <prometheus/collectable.h>
#include <prometheus/exposer.h>
#include <prometheus/metric_family.h>

#include <mutex>
#include <utility>

namespace connarena::launcher {
namespace {

prometheus::MetricType type_of(metric_type type) {
  if (type == metric_type::histogram) return prometheus::MetricType::Histogram;
  return type == metric_type::counter ? prometheus::MetricType::Counter
                                      : prometheus::MetricType::Gauge;
}

prometheus::ClientMetric client_metric_of(const metric_sample& from) {
  prometheus::ClientMetric to;
  for (const auto& [name, value] : from.labels) to.label.push_back({name, value});
  // Which of these it reads is by the type.
  to.gauge.value = to.counter.value = static_cast<double>(from.value);
  to.histogram.sample_count = from.value;
  to.histogram.sample_sum = from.sum;
  for (const metric_bucket& each : from.buckets) {
    to.histogram.bucket.push_back({each.count, each.bound});
  }
  return to;
}

class collected : public prometheus::Collectable {
 public:
  explicit collected(metric_source source) : source_(std::move(source)) {}

  [[nodiscard]] std::vector<prometheus::MetricFamily> Collect() const override {
    const std::lock_guard alone(lock_);
    std::vector<prometheus::MetricFamily> families;
    for (metric& each : source_()) {
      prometheus::MetricFamily& to = families.emplace_back();
      to.name = std::move(each.name);
      to.help = std::move(each.help);
      to.type = type_of(each.type);
      for (const metric_sample& sample : each.samples) {
        to.metric.push_back(client_metric_of(sample));
      }
    }
    return families;
  }

 private:
  mutable std::mutex lock_;
  metric_source source_;
};

class http_exporter : public exporter {
 public:
  http_exporter(const std::string& address, metric_source source)
      : figures_(std::make_shared<collected>(std::move(source))), server_(address, 2) {
    server_.RegisterCollectable(figures_);
  }
  [[nodiscard]] int port() const override { return server_.GetListeningPorts().front(); }

 private:
  std::shared_ptr<collected> figures_;
  prometheus::Exposer server_;
};

}  // namespace

std::unique_ptr<exporter> start_exporter(const std::string& address, metric_source source,
                                         std::string& error) try {
  return std::make_unique<http_exporter>(address, std::move(source));
} catch (const std::exception&) {
  // What it says is about itself.
  error = "export: cannot listen on " + address + ": in use, or not this machine's";
  return nullptr;
}

}  // namespace connarena::launcher
