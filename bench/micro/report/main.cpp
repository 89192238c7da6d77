// micro_report - reads the benchmark programs' results, prints the tables and
// writes what the charts are drawn from.
#include <CLI/CLI.hpp>
#include <exception>
#include <filesystem>
#include <iostream>

#include "report/chart_data.hpp"
#include "report/tables.hpp"

int main(int argc, char** argv) {
  CLI::App app("Compares the micro benchmarks' results");
  std::filesystem::path results;
  std::filesystem::path charts;
  std::filesystem::path csv;
  app.add_option("results", results, "Folder with a folder of JSON files for each round")
      ->required()
      ->check(CLI::ExistingDirectory);
  app.add_option("--charts", charts, "Folder to write the charts' data to")
      ->check(CLI::ExistingDirectory);
  app.add_option("--csv", csv, "File to write all samples to");
  CLI11_PARSE(app, argc, argv);

  try {
    const report::measurements all(results);
    const report::comparison figures(all);
    report::print_tables(figures, std::cout);
    if (!charts.empty()) report::write_chart_data(figures, charts);
    if (!csv.empty()) all.write_csv(csv);
  } catch (const std::exception& failure) {
    std::cerr << "micro_report: " << failure.what() << '\n';
    return 1;
  }
}
