# stress_ng.sh OPERATIONS STRESSOR... - runs stress-ng's stressors, which check their
# own work, and prints which of them passed.
set -eu
operations=$1
shift
stress-ng --version | sed 's/, version//; s/ (.*//'
for stressor in "$@"; do
  stress-ng --"$stressor" 2 --"$stressor"-ops "$operations" --verify --seed 17 --timeout 60 >&2 &&
    echo "$stressor passed" || echo "$stressor failed"
done
