# squid.sh PAGES - squid between curl and a server of files: pages that it fetches, and
# pages that it has.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
squid -v | sed -n '1s/.*Version /squid /p'
mkdir pages
seq 20000 >pages/large
echo small >pages/small
/usr/bin/python3 -c '
import functools, http.server
class pages(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *words): pass
where = ("127.0.0.1", 0)
server = http.server.ThreadingHTTPServer(where, functools.partial(pages, directory="pages"))
print(server.server_port, flush=True)
server.serve_forever()' >port &
. "$here/server.sh"
site=http://127.0.0.1:$(cat port)
pages=$server

sh "$here/squid_settings.sh" "$PORT" >squid.conf
# Its shared memory has the name of the service.
squid -N -n "connarena$$" -f "$PWD/squid.conf" &
squid=$!
trap 'kill $pages $squid 2>/dev/null || true' EXIT
get() { curl -sS --no-progress-meter --fail --max-time 60 -x "http://127.0.0.1:$PORT" "$@"; }
tries=0
until get "$site/small" 2>/dev/null; do
  tries=$((tries + 1))
  [ $tries -lt 300 ] || exit 1
  sleep 0.1
done

get "$site/large" | sha256sum
get "$site/missing" 2>/dev/null || echo "a missing page: exit code $?"
get --parallel --parallel-max 20 "$site/large?[1-$1]" | wc -c
get --parallel --parallel-max 20 "$site/small?[1-$1]" | sort | uniq -c
for page in $(seq 20); do get "$site/large?1"; done | sha256sum
get --no-keepalive --output page_#1 "$site/large?[1-10]"
cat page_* | sha256sum
kill $squid
wait $squid && code=0 || code=$?
echo "its exit code: $code"
