// defined_names.hpp - whether a library after this one defines a name.
//
// dlsym says so too, but where the answer is no it makes a message, with the program's
// malloc: that may be in the middle of setting itself up. This looks at the libraries'
// tables of names and calls nothing that allocates.
#pragma once

namespace connarena::shim {

/// Whether dlsym(RTLD_NEXT, name), called from this library, will find something.
[[nodiscard]] bool is_defined_after_us(const char* name) noexcept;

}  // namespace connarena::shim
