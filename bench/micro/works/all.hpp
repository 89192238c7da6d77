// all.hpp - every work that a contender can do.
#pragma once

#include "works/buffers.hpp"
#include "works/burst.hpp"
#include "works/busy_beside_idle.hpp"
#include "works/close_live.hpp"
#include "works/counted.hpp"
#include "works/grow.hpp"
#include "works/handoff.hpp"
#include "works/idle.hpp"
#include "works/payload_plus_header.hpp"
#include "works/reconnect.hpp"
#include "works/short_connection.hpp"
#include "works/steady.hpp"
#include "works/strand.hpp"
#include "works/threads.hpp"

namespace micro {

/// Called by the initialiser of a contender's file, as Google Benchmark's own
/// macro does. Returns true, for a variable to hold.
template <contender Heap>
bool register_works() {
  register_short_connection<Heap>();
  register_buffers<Heap>();
  register_steady<Heap>();
  register_close_live<Heap>();
  register_handoff<Heap>();
  register_reconnect<Heap>();
  register_idle<Heap>();
  register_grow<Heap>();
  register_payload_plus_header<Heap>();
  register_burst<Heap>();
  register_busy_beside_idle<Heap>();
  register_threads<Heap>();
  register_strand<Heap>();
  register_counted<Heap>();
  return true;
}

}  // namespace micro
