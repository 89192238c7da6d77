// exported.hpp - marks a definition that replaces the C library's: it leaves the library.
#pragma once

#define CONNARENA_REPLACES extern "C" __attribute__((visibility("default")))

#if __has_attribute(copy)  // gcc compares a name's attributes with the function's
#define CONNARENA_ALIAS_OF(name) alias(#name), copy(name)
#else
#define CONNARENA_ALIAS_OF(name) alias(#name)
#endif
/// Another name of the same function: a call of it by its name could reach the program's own.
#define CONNARENA_ALSO(other, name) \
  CONNARENA_REPLACES decltype(::name) other __attribute__((CONNARENA_ALIAS_OF(name)))
