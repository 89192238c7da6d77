// buffers.hpp - a connection's buffers: the receive buffer doubles from 4 to 64 KiB
// with copies, then 4 rounds of eight 16 KiB send buffers; all pages touched.
#pragma once

#include <array>

#include "works/figures.hpp"

namespace micro {

inline constexpr std::size_t first_receive_bytes = 4 * 1024;
inline constexpr std::size_t last_receive_bytes = 64 * 1024;
inline constexpr std::size_t send_bytes = 16 * 1024;
inline constexpr int send_rounds = 4;

/// The buffer of last_receive_bytes, grown by copying as a parser's buffer is.
template <contender Heap>
[[nodiscard]] void* grown_receive_buffer(Heap& heap) {
  void* buffer = heap.allocate(first_receive_bytes);
  touch_pages(buffer, 0, first_receive_bytes);
  for (std::size_t size = first_receive_bytes; size < last_receive_bytes; size *= 2) {
    void* larger = heap.allocate(size * 2);
    std::memcpy(larger, buffer, size);
    touch_pages(larger, size, size * 2);
    give_back(heap, buffer, size);
    buffer = larger;
  }
  return buffer;
}

template <contender Heap>
void one_send_round(Heap& heap) {
  std::array<void*, 8> queue;
  for (void*& each : queue) {
    each = heap.allocate(send_bytes);
    touch_pages(each, 0, send_bytes);
  }
  benchmark::DoNotOptimize(queue);
  for (void* each : queue) give_back(heap, each, send_bytes);
}

template <contender Heap>
void buffers(benchmark::State& state) {
  Heap heap;
  for (auto _ : state) {
    heap.open();
    void* receive_buffer = grown_receive_buffer(heap);
    for (int round = 0; round < send_rounds; ++round) one_send_round(heap);
    give_back_at_close(heap, receive_buffer, last_receive_bytes);
    heap.close();
  }
  set_figures<Heap>(state, 1);
}

template <contender Heap>
void register_buffers() {
  benchmark::RegisterBenchmark(name_of<Heap>("buffers").c_str(), buffers<Heap>);
}

}  // namespace micro
