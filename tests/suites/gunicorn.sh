# gunicorn.sh REQUESTS - two forked workers of gunicorn, and clients on node.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
gunicorn --version | tr -d '()' | sed 's/version //'
PYTHONDONTWRITEBYTECODE=1 gunicorn --config "$here/wsgi.py" --pythonpath "$here" \
  wsgi:application &
. "$here/server.sh"
node "$here/http_clients.js" "$(cat port)" "$1"
kill $server
wait $server && code=0 || code=$?
echo "the server's exit code: $code"
