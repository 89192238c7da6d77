// visit_arenas.hpp - connarena_visit, by the other calls of whoever serves the process.
#pragma once

#include "api/api_table.hpp"

namespace connarena {

/// No lock is held while the visitor runs: it may open and end arenas.
inline void visit_arenas(const api_table& served_by, connarena_visitor* see, void* context) {
  for (connarena_t arena = served_by.next(0); arena != 0; arena = served_by.next(arena)) {
    connarena_stats stats{};
    if (served_by.get_stats(arena, &stats, sizeof stats) != 0) continue;
    see(context, arena, &stats, served_by.name(arena));
  }
}

}  // namespace connarena
