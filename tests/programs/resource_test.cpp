// The C++ classes in a process whose core is another library's.
#include "programs/preload.hpp"

namespace {

using programs::environment_for;
using programs::start;

class resource : public ::testing::TestWithParam<std::tuple<const char*, start>> {};

TEST_P(resource, is_served_alike) {
  const auto [name, how] = GetParam();
  const harness::outcome result = harness::run({{RESOURCE_PROGRAM, name}, environment_for(how)});
  EXPECT_EQ(result.exit_code, 0) << harness::describe(result);
}

INSTANTIATE_TEST_SUITE_P(
    each, resource,
    ::testing::Combine(::testing::Values("block_of_a_draining_resource_is_freed",
                                         "buffer_stays_its_resources_after_io",
                                         "resource_waits_for_a_buffer_after_io",
                                         "block_has_the_size_it_is_resized_to"),
                       ::testing::Values(start::alone, start::preloaded)),
    [](const auto& each) {
      const bool is_alone = std::get<1>(each.param) == start::alone;
      return std::string(std::get<0>(each.param)) + (is_alone ? "_alone" : "_preloaded");
    });

}  // namespace
