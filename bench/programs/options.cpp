#include "options.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <iostream>

#include "process/own_folder.hpp"
#include "report/verdict.hpp"

namespace demo {
namespace {

using names = std::vector<std::string>;

const names quick_programs = {"redis-flushed", "mosquitto", "stunnel"};

constexpr int judged_rounds_saved = 20;

constexpr const char* description =
    "Runs real programs under several allocators and shows how their memory comes\n"
    "back after their connections close: one table, a picture per program.\n"
    "Everything runs on 127.0.0.1; outputs are in build/bench/.\n";

template <class Item>
names names_of(const std::vector<Item>& items) {
  names all;
  for (const Item& each : items) all.push_back(each.name);
  return all;
}

/// The items with those names, or all if there are none.
template <class Item>
std::vector<Item> chosen(const std::vector<Item>& items, const names& wanted) {
  std::vector<Item> kept;
  for (const Item& each : items) {
    const bool is_wanted = std::find(wanted.begin(), wanted.end(), each.name) != wanted.end();
    if (wanted.empty() || is_wanted) kept.push_back(each);
  }
  return kept;
}

void leave_out_missing_programs(std::vector<program>& programs) {
  std::erase_if(programs, [](const program& each) {
    const bool is_missing = !std::filesystem::exists(each.executable);
    if (is_missing) {
      std::cout << "Without " << each.name << ": there is no " << each.executable << "\n";
    }
    return is_missing;
  });
}

void leave_out_missing_allocators(std::vector<allocator_choice>& allocators) {
  std::erase_if(allocators, [](const allocator_choice& each) {
    const bool is_missing = !each.library.empty() && !std::filesystem::exists(each.library);
    if (is_missing) {
      std::cout << "Without " << each.name << ": there is no " << each.library << "\n";
    }
    return is_missing;
  });
}

names judged_of(const std::vector<allocator_choice>& allocators) {
  std::vector<allocator_choice> judged = allocators;
  std::erase_if(judged, [](const allocator_choice& each) { return !each.is_judged; });
  return names_of(judged);
}

struct wish {
  bool is_quick = false;
  names programs;
  names allocators;
  CLI::Option* rounds = nullptr;
  CLI::Option* pairs = nullptr;
};

void offer(CLI::App& parser, options& read, wish& wanted,
           const std::vector<allocator_choice>& allocators) {
  CLI::Option* quick = parser.add_flag(
      "--quick", wanted.is_quick,
      "One round of redis-flushed, mosquitto and stunnel under glibc, jemalloc-bg and "
      "connarena; under five minutes");
  CLI::Option* save = parser.add_flag(
      "--save", read.is_saving,
      "Refresh docs/results.md and docs/results/: " + std::to_string(read.rounds) +
          " rounds under every allocator, and " + std::to_string(judged_rounds_saved) +
          " in all under glibc, jemalloc-bg and connarena; some five quarters of an hour");
  parser.add_flag("--continue", read.is_continuing,
                  "Keep what build/bench/raw.json has of an earlier run, and measure the rest");
  CLI::Option* programs = parser.add_option("--program", wanted.programs, "Only these programs")
                              ->check(CLI::IsMember(names_of(all_programs())));
  CLI::Option* only = parser.add_option("--allocator", wanted.allocators, "Only these allocators")
                          ->check(CLI::IsMember(names_of(allocators)));
  wanted.rounds =
      parser.add_option("--rounds", read.rounds, "Rounds of each trial, interleaved; default 3")
          ->check(CLI::Range(1, 100));
  wanted.pairs =
      parser
          .add_option("--pairs", read.judged_rounds,
                      "Rounds in all under glibc, jemalloc-bg and connarena, the further "
                      "ones without their idle time; throughput is judged from 10")
          ->check(CLI::Range(1, 100));
  // What is saved is always the whole.
  save->excludes(quick)
      ->excludes(programs)
      ->excludes(only)
      ->excludes(wanted.rounds)
      ->excludes(wanted.pairs);
}

void settle_rounds(options& read, const wish& wanted) {
  if (wanted.is_quick && wanted.rounds->count() == 0) read.rounds = 1;
  if (read.is_saving) read.judged_rounds = judged_rounds_saved;
  read.judged_rounds = std::max(read.judged_rounds, read.rounds);
}

/// Otherwise it would overwrite rows that it cannot measure.
void need_all_to_save(const options& read, std::size_t allocators) {
  if (read.programs.size() == all_programs().size() && read.allocators.size() == allocators) return;
  std::cerr << "demo: --save needs every program and every allocator\n";
  std::exit(EXIT_FAILURE);
}

}  // namespace

options read_options(int count, char** arguments) {
  options read;
  read.build_tree = own_folder().parent_path().parent_path();
  read.source_tree = std::filesystem::current_path();
  const std::vector<allocator_choice> allocators = all_allocators(read.build_tree);
  wish wanted;
  CLI::App parser(description, "bench/demo");
  offer(parser, read, wanted, allocators);
  try {
    parser.parse(count, arguments);
  } catch (const CLI::ParseError& error) {
    std::exit(parser.exit(error));
  }
  settle_rounds(read, wanted);
  if (wanted.is_quick && wanted.programs.empty()) wanted.programs = quick_programs;
  if (wanted.is_quick && wanted.allocators.empty()) wanted.allocators = judged_of(allocators);
  read.programs = chosen(all_programs(), wanted.programs);
  read.allocators = chosen(allocators, wanted.allocators);
  leave_out_missing_programs(read.programs);
  leave_out_missing_allocators(read.allocators);
  if (read.is_saving) need_all_to_save(read, allocators.size());
  return read;
}

}  // namespace demo
