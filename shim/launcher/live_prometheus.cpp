#include "shim/launcher/live_prometheus.hpp"

#include <array>
#include <charconv>
#include <sstream>

namespace connarena::launcher {
namespace {

const char* word_for(metric_type type) {
  if (type == metric_type::histogram) return "histogram";
  return type == metric_type::counter ? "counter" : "gauge";
}

/// As a label's value.
std::string quoted(const std::string& value) {
  std::string text = "\"";
  for (const char each : value) {
    if (each == '\\' || each == '"') text += '\\';
    text += each;
  }
  return text + "\"";
}

/// The shortest text that is the number.
std::string number(double value) {
  std::array<char, 32> text{};
  const auto [end, code] = std::to_chars(text.data(), text.data() + text.size(), value);
  return {text.data(), code == std::errc{} ? end : text.data()};
}

std::string labels_text(const metric_sample& of, const std::string& bound = "") {
  std::string text;
  for (const auto& [name, value] : of.labels) {
    text += (text.empty() ? "{" : ",") + name + "=" + quoted(value);
  }
  if (!bound.empty()) text += ",le=" + quoted(bound);
  return text + "}";
}

void add_histogram(std::ostringstream& to, const std::string& name, const metric_sample& of) {
  for (const metric_bucket& each : of.buckets) {
    to << name << "_bucket" << labels_text(of, number(each.bound)) << " " << each.count << "\n";
  }
  to << name << "_bucket" << labels_text(of, "+Inf") << " " << of.value << "\n"
     << name << "_sum" << labels_text(of) << " " << number(of.sum) << "\n"
     << name << "_count" << labels_text(of) << " " << of.value << "\n";
}

}  // namespace

std::string prometheus_text(const std::vector<metric>& metrics) {
  std::ostringstream text;
  for (const metric& each : metrics) {
    text << "# HELP " << each.name << " " << each.help << "\n# TYPE " << each.name << " "
         << word_for(each.type) << "\n";
    for (const metric_sample& sample : each.samples) {
      if (each.type == metric_type::histogram) {
        add_histogram(text, each.name, sample);
      } else {
        text << each.name << labels_text(sample) << " " << sample.value << "\n";
      }
    }
  }
  return text.str();
}

}  // namespace connarena::launcher
