# node.sh REQUESTS - an HTTP server and its clients, each a node of its own.
set -eu
here=$(dirname "$0")
echo "node $(node --version)"
node --max-old-space-size=200 "$here/http_server.js" >port &
. "$here/server.sh"
node "$here/http_clients.js" "$(cat port)" "$1"
kill $server
wait $server && code=0 || code=$?
echo "the server's exit code: $code"
