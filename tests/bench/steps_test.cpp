// The order of trials, and which are left of an interrupted run.
#include "steps.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "measured.hpp"

namespace {

using names = std::vector<std::string>;

struct plan {
  demo::options wanted;
  demo::allocator_choice glibc;

  plan(const names& allocators, int rounds, int judged_rounds) {
    demo::program redis{};
    redis.name = "redis";
    wanted.programs = {redis};
    for (const demo::allocator_choice& each : demo::all_allocators("")) {
      if (each.name == "glibc") glibc = each;
      for (const std::string& name : allocators) {
        if (each.name == name) wanted.allocators.push_back(each);
      }
    }
    wanted.rounds = rounds;
    wanted.judged_rounds = judged_rounds;
  }

  [[nodiscard]] std::map<int, names> by_round(const demo::results& measured = {}) const {
    std::map<int, names> rounds;
    for (const demo::step& each : demo::steps_of(wanted, glibc, measured)) {
      rounds[each.round].push_back(each.is_trimming ? "trim" : each.allocator->name);
    }
    return rounds;
  }
};

const names judged = {"glibc", "jemalloc-bg", "connarena"};
const names every = {"glibc", "jemalloc", "jemalloc-bg", "mimalloc", "tcmalloc", "connarena"};

TEST(steps, six_rounds_of_three_have_every_order) {
  std::set<names> orders;
  for (auto [round, order] : plan(judged, 6, 6).by_round()) {
    if (order.front() == "trim") order.erase(order.begin());
    ASSERT_EQ(order.size(), 3U);
    orders.insert(order);
  }
  EXPECT_EQ(orders.size(), 6U);
}

TEST(steps, further_rounds_are_of_the_judged) {
  const auto rounds = plan(every, 3, 10).by_round();
  ASSERT_EQ(rounds.size(), 10U);
  EXPECT_EQ(rounds.at(3).size(), every.size());
  const names& fourth = rounds.at(4);
  EXPECT_EQ(std::set<std::string>(fourth.begin(), fourth.end()),
            std::set<std::string>(judged.begin(), judged.end()));
}

TEST(steps, further_rounds_are_brief) {
  const plan all(every, 3, 10);
  for (const demo::step& each : demo::steps_of(all.wanted, all.glibc, {})) {
    EXPECT_EQ(each.is_brief, each.round > 3) << each.round;
  }
}

TEST(steps, a_paced_program_has_no_more_pairs_than_are_needed) {
  plan all(every, 3, 30);
  EXPECT_EQ(all.by_round().size(), 30U);
  all.wanted.programs.front().is_paced = true;
  EXPECT_EQ(all.by_round().size(), 10U);
}

TEST(steps, a_paced_program_has_the_rounds_that_all_have) {
  plan all(every, 12, 12);
  all.wanted.programs.front().is_paced = true;
  EXPECT_EQ(all.by_round().at(12).size(), every.size());
}

TEST(steps, what_is_measured_is_not_measured_again) {
  demo::results before;
  before.after_trim_bytes["redis"] = 1;
  measured::add(before, "glibc", {100, 100});
  measured::add(before, "connarena", {100});
  const auto rounds = plan({"glibc", "connarena"}, 2, 2).by_round(before);
  EXPECT_EQ(rounds, (std::map<int, names>{{2, {"connarena"}}}));
}

TEST(steps, without_judged_allocators_end_with_the_others) {
  EXPECT_EQ(plan({"mimalloc"}, 2, 10).by_round().size(), 2U);
}

}  // namespace
