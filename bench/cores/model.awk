# model.awk - what arenas do on N cores; ./run calls it.
#
# Reads times, names and moves, as ./run writes them; prints the tables or, with
# as_data=1, the speedups for the picture.
#
# On N cores an operation takes what it takes alone, and each move of a
# line and each fence on top. Those of lines that most threads use, and fences, come one
# after the other for all threads, as if under one lock: that bounds the sum.
function measured(what, i, least) {
  least = sample[what, 1]
  for (i = 2; i <= samples[what]; ++i) if (sample[what, i] < least) least = sample[what, i]
  return least
}
function speedup(work, n, alone, each, serial, most) {
  alone = measured("1 " work)
  each = alone + moves[work, n] * line + fences[work, n] * fence
  serial = common[work, n] * line + fences[work, n] * fence
  most = n * alone / each
  return serial > 0 && alone / serial < most ? alone / serial : most
}
FILENAME ~ /times$/ { sample[$1 " " $2, ++samples[$1 " " $2]] = $3; next }
FILENAME ~ /names$/ { sub(/^[0-9]+ /, ""); name[works++] = $0; next }
{
  work = int((FNR - 1) / cases)
  n = $1
  if (work == 0) threads[++counts] = n
  moves[work, n] = $2; common[work, n] = $3; fences[work, n] = $4
}
END {
  line = measured("2 line"); fence = measured("2 fence")
  if (as_data) {
    for (i = 0; i <= counts; ++i) {
      n = i == 0 ? 1 : threads[i]
      printf "%d", n
      for (w = 0; w < works; ++w) printf " %.3g", n == 1 ? 1 : speedup(w, n)
      printf "\n"
    }
    exit
  }
  printf "A line that moves: %.0f ns. A fence with one other thread: %.0f ns.\n\n", line, fence
  printf "### Counted: cache lines that move, an operation\n\n| N threads"
  for (i = 1; i <= counts; ++i) printf " | %d", threads[i]
  printf " | of lines that most of 64 use | fences of 64 |\n|---"
  for (i = 1; i <= counts + 2; ++i) printf "|--:"
  printf "|\n"
  for (w = 0; w < works; ++w) {
    printf "| %s", name[w]
    for (i = 1; i <= counts; ++i) printf " | %.2f", moves[w, threads[i]]
    printf " | %.2f | %.2f |\n", common[w, threads[counts]], fences[w, threads[counts]]
  }
  printf "\n### Times the work of one thread\n\n"
  printf "| N threads | 1, measured, ns an operation | 2, measured"
  for (i = 1; i <= counts; ++i) printf " | %d, modelled", threads[i]
  printf " |\n|---|--:|--:"
  for (i = 1; i <= counts; ++i) printf "|--:"
  printf "|\n"
  for (w = 0; w < works; ++w) {
    printf "| %s | %.1f | %.3g", name[w], measured("1 " w), 2 * measured("1 " w) / measured("2 " w)
    for (i = 1; i <= counts; ++i) printf " | %.3g", speedup(w, threads[i])
    printf " |\n"
  }
}
