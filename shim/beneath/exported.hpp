// exported.hpp - marks a definition that replaces the C library's. The names are
// listed in exports.map too.
#pragma once

#define CONNARENA_REPLACES extern "C" __attribute__((visibility("default")))
