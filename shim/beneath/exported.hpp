// exported.hpp - marks a definition that replaces the C library's: it leaves the library.
#pragma once

#define CONNARENA_REPLACES extern "C" __attribute__((visibility("default")))
