// The verdict: each criterion at its edge, and what cannot be judged.
#include "report/verdict.hpp"

#include <gtest/gtest.h>

#include "measured.hpp"

namespace {

/// Where each criterion is in a verdict's findings.
enum criterion : std::size_t { memory, peak, to_glibc, to_jemalloc, both };

const std::vector<std::string> allocators = {"glibc", "jemalloc", "jemalloc-bg", "mimalloc",
                                             "connarena"};
const std::vector<double> ten_hundreds(10, 100);

demo::verdict verdict_on(const demo::results& all) { return demo::judge(all, "redis", allocators); }

std::string finding(const demo::results& all, criterion which) {
  return verdict_on(all).findings.at(which);
}

demo::results references(const std::vector<double>& throughputs) {
  demo::results all;
  measured::add(all, "glibc", throughputs);
  measured::add(all, "jemalloc-bg", throughputs);
  return all;
}

TEST(verdict, all_as_good_as_the_references_is_met) {
  demo::results all = references(ten_hundreds);
  measured::add(all, "connarena", ten_hundreds);
  EXPECT_EQ(demo::in_words(verdict_on(all)), "met");
}

TEST(verdict, memory_above_its_allowance_is_not_met) {
  demo::results all = references(ten_hundreds);
  measured::add(all, "connarena", ten_hundreds, {10, 110, 19});
  const demo::verdict found = verdict_on(all);
  EXPECT_EQ(demo::in_words(found), "NOT MET");
  EXPECT_EQ(found.findings.at(memory),
            "memory after 1 s 9.0 MiB above the 10.0 in use, allowed 8.0: NOT MET");
}

TEST(verdict, peak_above_the_smaller_reference_is_not_met) {
  demo::results all = references(ten_hundreds);
  measured::add(all, "jemalloc", ten_hundreds, {10, 90, 12});
  measured::add(all, "connarena", ten_hundreds, {10, 95, 12});
  EXPECT_EQ(finding(all, peak), "peak 95.0 MiB, allowed 94.5: NOT MET");
}

TEST(verdict, one_slow_round_of_ten_does_not_fail_throughput) {
  demo::results all = references(ten_hundreds);
  measured::add(all, "connarena", {50, 99, 99, 99, 99, 99, 99, 99, 99, 99});
  EXPECT_EQ(demo::in_words(verdict_on(all)), "met");
}

TEST(verdict, two_slow_rounds_of_ten_fail_throughput) {
  demo::results all = references(ten_hundreds);
  measured::add(all, "connarena", {50, 97, 99, 99, 99, 99, 99, 99, 99, 99});
  EXPECT_EQ(finding(all, to_glibc),
            "throughput at least 0.98 of glibc's: 0.970-0.990 at 95% over 10 pairs, median 0.990: "
            "NOT MET");
}

TEST(verdict, few_pairs_leave_throughput_unjudged) {
  demo::results all = references({100, 100, 100});
  measured::add(all, "connarena", {90, 100, 110});
  const demo::verdict found = verdict_on(all);
  EXPECT_EQ(demo::in_words(found), "met, as far as it could be judged");
  EXPECT_EQ(found.findings.at(to_jemalloc),
            "throughput at least 0.98 of jemalloc-bg's: 3 pairs: too few to tell; median 1.000 "
            "(0.900-1.100)");
}

TEST(verdict, pairs_are_of_the_same_round) {
  demo::results all = references(ten_hundreds);
  all.trials.erase(all.trials.begin());  // glibc's first round
  measured::add(all, "connarena", ten_hundreds);
  EXPECT_EQ(finding(all, to_glibc),
            "throughput at least 0.98 of glibc's: 9 pairs: too few to tell; median 1.000 "
            "(1.000-1.000)");
  EXPECT_EQ(finding(all, to_jemalloc),
            "throughput at least 0.98 of jemalloc-bg's: 1.000-1.000 at 95% over 10 pairs, median "
            "1.000: met");
}

TEST(verdict, without_references_only_the_rest_is_judged) {
  demo::results all;
  measured::add(all, "connarena", ten_hundreds);
  const demo::verdict found = verdict_on(all);
  EXPECT_TRUE(found.is_met);
  EXPECT_FALSE(found.is_whole);
  EXPECT_EQ(found.findings.at(peak), "peak 110.0 MiB: not judged without glibc and jemalloc");
  EXPECT_EQ(found.findings.at(to_glibc), "throughput at least 0.98 of glibc's: no pair");
}

TEST(verdict, peer_better_in_both_is_named) {
  demo::results all = references(ten_hundreds);
  measured::add(all, "mimalloc", {105, 105, 105}, {10, 100, 100});
  measured::add(all, "connarena", ten_hundreds);
  EXPECT_EQ(finding(all, both),
            "better in throughput and peak together: mimalloc (0.952 of its throughput, peak 110.0 "
            "to its 100.0): NOT MET");
}

TEST(verdict, peer_faster_in_some_pairs_is_not_better) {
  demo::results all = references(ten_hundreds);
  measured::add(all, "mimalloc", {105, 99, 105}, {10, 100, 100});
  measured::add(all, "connarena", ten_hundreds);
  EXPECT_TRUE(verdict_on(all).is_met);
}

}  // namespace
