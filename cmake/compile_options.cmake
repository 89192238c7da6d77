# compile_options.cmake - what every part of the project is compiled with.
#
# Warnings are the presets' affair (CMakePresets.json): whoever embeds the
# project keeps their own.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
# The folder of Debian's libraries, below /usr/lib.
add_compile_definitions(CONNARENA_ARCHITECTURE="${CMAKE_LIBRARY_ARCHITECTURE}")
# Each file has an unnamed namespace of its own.
set(CMAKE_UNITY_BUILD OFF)

set(CONNARENA_SANITIZE "" CACHE STRING "Sanitizers, as -fsanitize takes them; none if empty")
if(CONNARENA_SANITIZE)
  # vptr checks need the type information that the core does without.
  set(sanitizer_options -fsanitize=${CONNARENA_SANITIZE} -fno-sanitize=vptr
    -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_compile_options(${sanitizer_options})
  add_link_options(${sanitizer_options})
endif()

option(CONNARENA_CHECK_INVARIANTS "Check the allocator's own invariants as it works: slow" OFF)
if(CONNARENA_CHECK_INVARIANTS)
  add_compile_definitions(CONNARENA_CHECK_INVARIANTS)
endif()

find_package(Threads REQUIRED)

# What runs inside somebody else's malloc: no C++ runtime library, no lazily
# allocated thread-local storage, no symbol that could bind elsewhere.
add_library(connarena_freestanding INTERFACE)
target_compile_options(connarena_freestanding INTERFACE
  -ftls-model=initial-exec
  $<$<COMPILE_LANGUAGE:CXX>:-fno-exceptions>
  $<$<COMPILE_LANGUAGE:CXX>:-fno-rtti>
  $<$<COMPILE_LANGUAGE:CXX>:-fno-threadsafe-statics>)
