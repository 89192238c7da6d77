# node.sh REQUESTS - an HTTP server and its clients, each a node of its own.
set -eu
echo "node $(node --version)"
node --max-old-space-size=200 "$(dirname "$0")/http_server.js" >port &
server=$!
trap 'kill $server 2>/dev/null || true' EXIT
tries=0
until [ -s port ]; do
  tries=$((tries + 1))
  [ $tries -lt 300 ] || exit 1
  sleep 0.1
done
node "$(dirname "$0")/http_clients.js" "$(cat port)" "$1"
kill $server
wait $server && code=0 || code=$?
echo "the server's exit code: $code"
