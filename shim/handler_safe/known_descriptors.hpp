// known_descriptors.hpp - whether the calling thread's descriptors are those that the table
// of connections is about: the process's.
//
// A child of vfork has others, though it runs in this memory. So has a thread that called
// unshare(CLONE_FILES), or close_range with CLOSE_RANGE_UNSHARE, while others shared them;
// and who is created by that thread. What such a thread does to a descriptor says nothing
// about the process's of that number.
#pragma once

namespace connarena::shim {

namespace detail {
enum class descriptors_of_thread : unsigned char { not_asked, the_process, its_own };
extern constinit thread_local descriptors_of_thread asked_descriptors
    __attribute__((tls_model("initial-exec")));
[[nodiscard]] bool ask_for_descriptors() noexcept;
}  // namespace detail

/// Whether the thread has left the process's descriptors. Of a child of vfork it says what
/// is so of its parent.
[[nodiscard]] inline bool has_own_descriptors() noexcept {
  if (detail::asked_descriptors == detail::descriptors_of_thread::the_process) [[likely]]
    return false;
  return !detail::ask_for_descriptors();
}

/// The same, of a child of vfork too.
[[nodiscard]] bool are_descriptors_known() noexcept;

/// Around a call that gives the thread descriptors of its own, where others share those
/// that it has.
class leaving_descriptors {
 public:
  leaving_descriptors() noexcept;
  /// Else the call makes no difference.
  [[nodiscard]] bool others_share() const noexcept { return others_share_; }
  /// The system has done it.
  void is_done() const noexcept;

 private:
  bool others_share_;
};

/// The calling thread alone is left.
void reset_known_descriptors_in_child() noexcept;

}  // namespace connarena::shim
