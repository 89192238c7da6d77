# build.sh SOURCE CC CXX - builds this project and prints what came out.
set -eu
"$2" --version | head -n 1
cmake -S "$1" -B built -DCMAKE_BUILD_TYPE=Release -DCMAKE_C_COMPILER="$2" \
  -DCMAKE_CXX_COMPILER="$3" -DCMAKE_C_COMPILER_LAUNCHER= -DCMAKE_CXX_COMPILER_LAUNCHER= >&2
cmake --build built --parallel 2 >&2
cd built
find . -name '*.o' -o -name '*.a' -o -name '*.so*' -type f -o -name connarena -type f |
  sort | xargs sha256sum
