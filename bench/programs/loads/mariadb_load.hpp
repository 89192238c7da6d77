// mariadb_load.hpp - clients of a database server with a thread for each connection, and
// large values.
#pragma once

#include <memory>

#include "loads/load.hpp"

namespace demo {

[[nodiscard]] std::unique_ptr<load> make_mariadb_load();

}  // namespace demo
