// program_name.hpp - what the program is called, as it was started.
#pragma once

namespace connarena::shim::report {

/// In the constructor: before the program changes its root, its folder or its name.
void note_program() noexcept;
/// As it was started, without folders: a link has a name of its own.
[[nodiscard]] const char* program_name() noexcept;
/// The file of its code, without links; empty where the system does not tell.
[[nodiscard]] const char* program_file() noexcept;
/// What to call that file: the name, but of a script's interpreter its own.
[[nodiscard]] const char* program_file_label() noexcept;

}  // namespace connarena::shim::report
