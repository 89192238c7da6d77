# tokio.sh REQUESTS - builds a server on tokio, and asks it by clients on node.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
/usr/bin/rustc --version
sh "$here/tokio_build.sh" tokio
tokio/target/release/tokio_server >port &
. "$here/server.sh"
node "$here/http_clients.js" "$(cat port)" "$1"
curl -sS "http://127.0.0.1:$(cat port)/end"
wait $server && code=0 || code=$?
echo "the server's exit code: $code"
