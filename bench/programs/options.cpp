#include "options.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <iostream>

#include "process/own_folder.hpp"

namespace demo {
namespace {

using names = std::vector<std::string>;

const names quick_programs = {"redis-flushed", "mosquitto", "stunnel"};
const names quick_allocators = {"glibc", "jemalloc-bg", "connarena"};

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

}  // namespace

options read_options(int count, char** arguments) {
  options read;
  read.build_tree = own_folder().parent_path().parent_path();
  read.source_tree = std::filesystem::current_path();
  const std::vector<allocator_choice> allocators = all_allocators(read.build_tree);
  names wanted_programs;
  names wanted_allocators;
  bool is_quick = false;

  CLI::App parser(description, "bench/demo");
  parser.add_flag("--quick", is_quick,
                  "One round of redis-flushed, mosquitto and stunnel under glibc, jemalloc-bg and "
                  "connarena; under five minutes");
  parser.add_flag("--save", read.is_saving, "Refresh docs/results.md and docs/results/");
  parser.add_option("--program", wanted_programs, "Only these programs")
      ->check(CLI::IsMember(names_of(all_programs())));
  parser.add_option("--allocator", wanted_allocators, "Only these allocators")
      ->check(CLI::IsMember(names_of(allocators)));
  CLI::Option* rounds =
      parser.add_option("--rounds", read.rounds, "Rounds of each trial, interleaved; default 3")
          ->check(CLI::Range(1, 100));
  try {
    parser.parse(count, arguments);
  } catch (const CLI::ParseError& error) {
    std::exit(parser.exit(error));
  }
  if (is_quick && rounds->count() == 0) read.rounds = 1;
  if (is_quick && wanted_programs.empty()) wanted_programs = quick_programs;
  if (is_quick && wanted_allocators.empty()) wanted_allocators = quick_allocators;
  read.programs = chosen(all_programs(), wanted_programs);
  read.allocators = chosen(allocators, wanted_allocators);
  leave_out_missing_programs(read.programs);
  leave_out_missing_allocators(read.allocators);
  return read;
}

}  // namespace demo
