// no_ring.cpp - in place of ring.cpp where liburing is missing.
#include "servers/shapes.hpp"

namespace attribution {

void serve_by_ring(int) {}
const char* refusal_of_ring() { return "built without liburing"; }

}  // namespace attribution
