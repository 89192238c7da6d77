// exporter_missing.cpp - stands in for exporter.cpp where prometheus-cpp is missing.
#include "shim/launcher/exporter.hpp"

namespace connarena::launcher {

std::unique_ptr<exporter> start_exporter(const std::string&, metric_source, std::string& error) {
  error =
      "export: this connarena was built without prometheus-cpp (Debian: prometheus-cpp-dev); "
      "connarena stats --prometheus has the same figures";
  return nullptr;
}

}  // namespace connarena::launcher
