// Whose arena a descriptor names, whatever the program does to its descriptors.
#include "programs/preload.hpp"

namespace {

using programs::environment_for;
using programs::start;

class descriptor : public ::testing::TestWithParam<const char*> {};

TEST_P(descriptor, under_the_preload_library) {
  const harness::outcome result =
      harness::run({{DESCRIPTOR_PROGRAM, GetParam()}, environment_for(start::preloaded)});
  EXPECT_EQ(result.exit_code, 0) << harness::describe(result);
  EXPECT_EQ(result.errors, "");
}

INSTANTIATE_TEST_SUITE_P(
    each, descriptor,
    ::testing::Values("shutdown_leaves_the_connection_open", "passed_descriptor_is_a_connection",
                      "sent_descriptor_is_closed_by_its_sender_alone", "reused_by_socketpair_ends",
                      "reused_by_socket_ends", "reused_by_accept_ends", "reused_by_dup_ends",
                      "reused_by_a_file_ends", "closed_unseen_ends_at_the_next_call_on_it",
                      "close_range_ends_all", "closefrom_ends_all",
                      "stream_over_a_copy_is_a_descriptor_of_its_own",
                      "copy_over_another_connection_ends_that_one",
                      "failed_copy_over_a_connection_leaves_it", "fork_server_keeps_them_apart",
                      "vfork_child_ends_nothing_of_its_parent"),
    [](const auto& each) { return std::string(each.param); });

}  // namespace
