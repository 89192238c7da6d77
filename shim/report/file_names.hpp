// file_names.hpp - the names of a run's files: FILE, and beside it FILE.1 and so on.
#pragma once

#include "shim/settings/text.hpp"

namespace connarena::shim::report {

using path_text = text<4095>;

/// Takes a copy: what named the file may lie in the environment, which a program
/// overwrites that shows its state there. A relative name is meant from here.
void keep_name(const char* path) noexcept;

/// The file of a number; 0 is the one that was named.
[[nodiscard]] path_text name_of_file(int number) noexcept;
/// Of what is not yet, or no longer, a file of the run.
[[nodiscard]] path_text name_of_draft() noexcept;

enum class naming : unsigned char { replacing, new_name };
/// Moves a file to another name; false, with nothing moved, where a new name is taken.
[[nodiscard]] bool give_name(const path_text& file, const path_text& name, naming how) noexcept;

}  // namespace connarena::shim::report
