// wire.h - what the clients ask, and the server answers: so many bytes, all the same.
#pragma once

#include <stdint.h>

struct request {
  uint32_t reply_bytes;
  uint32_t filling;
};
