// checks.hpp - CONNARENA_DCHECK for the shim: its own invariants, by the core's words.
#pragma once

#include "base/checks.hpp"
