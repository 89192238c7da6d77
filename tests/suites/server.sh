# server.sh - sourced by what starts a server: it ends with the script, and writes its
# port into the file `port`.
server=$!
trap 'kill $server 2>/dev/null || true' EXIT
tries=0
until [ -s port ]; do
  tries=$((tries + 1))
  [ $tries -lt 300 ] || exit 1
  sleep 0.1
done
