// counted_operators.hpp - what the library of counted operators has seen.
#pragma once

[[nodiscard]] int times_next_operators_were_reached();
