# build.sh SOURCE CC CXX - builds this project, its tests too, and prints what came out.
set -eu
"$2" --version | head -n 1
cmake -S "$1" -B built -DCMAKE_BUILD_TYPE=Release -DCMAKE_C_COMPILER="$2" \
  -DCMAKE_CXX_COMPILER="$3" -DCMAKE_C_COMPILER_LAUNCHER= -DCMAKE_CXX_COMPILER_LAUNCHER= \
  -DCONNARENA_BUILD_TESTS=ON >&2
cmake --build built --parallel 2 >&2
cd built
find . -name '*.o' -o -name '*.so' -o -type f -perm -u+x -path './*_tests' | sort | xargs sha256sum
