// next_operators.hpp - the operators new and delete of the library after ours.
//
// A program may replace malloc, and the plain forms of new and delete: the C++
// library's other forms call the plain ones, and those call malloc. Where a program
// has done so, ours step aside, each for the C++ library's own of the same name.
#pragma once

#include <atomic>
#include <cstddef>

namespace connarena::shim {

enum class operators : unsigned char { undecided, ours, stand_aside };

namespace detail {
extern constinit std::atomic<operators> decided;
}  // namespace detail

/// Looks at what the program calls by the names of malloc and of the plain forms.
/// The answer is the same each time. Pre: not inside a look-up of the loader.
operators decide_operators() noexcept;

/// Undecided counts as no.
[[nodiscard]] inline bool are_operators_ours() noexcept {
  return detail::decided.load(std::memory_order_relaxed) == operators::ours;
}

/// The next library's function of a mangled name; null if there is none. Where the
/// C++ library is in no global scope, as below a plug-in of a program in C, it is
/// found by its file's name.
[[nodiscard]] void* look_up_operator(const char* name) noexcept;

/// A mangled name as a template's argument.
struct operator_name {
  char text[40] = {};
  template <std::size_t Size>
  consteval operator_name(const char (&name)[Size]) noexcept {
    for (std::size_t i = 0; i < Size; ++i) text[i] = name[i];
  }
};

/// The same, remembered.
template <operator_name Name>
[[nodiscard]] void* next_operator() noexcept {
  static constinit std::atomic<void*> remembered{nullptr};
  // relaxed: what it points to was there before the program ran, or the loader's
  // lock was taken to find it.
  if (void* const known = remembered.load(std::memory_order_relaxed)) return known;
  void* const found = look_up_operator(Name.text);
  remembered.store(found, std::memory_order_relaxed);
  return found;
}

}  // namespace connarena::shim
