# https.sh PAGES - curl and git over TLS: pages from a server, a clone, pushes, a fetch.
set -eu
here=$(dirname "$0")
curl --version | sed -n '1s/^\(curl [^ ]*\).*/\1/p' | tr '\n' ','
git --version | sed 's/ version//; s/^/ /'

export HOME="$PWD" GIT_CONFIG_NOSYSTEM=1 GIT_SSL_CAINFO="$PWD/cert.pem"
export GIT_AUTHOR_DATE='2020-01-01T00:00:00Z' GIT_COMMITTER_DATE='2020-01-01T00:00:00Z'
git config --global user.name name
git config --global user.email name@example.org
git config --global init.defaultBranch main
git config --global http.postBuffer 100000000
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost \
  -addext subjectAltName=IP:127.0.0.1 -keyout key.pem -out cert.pem 2>/dev/null

mkdir pages
git init -q --bare pages/project.git
git -C pages/project.git config http.receivepack true
seq 300000 >pages/large
/usr/bin/python3 "$here/https_server.py" >port &
. "$here/server.sh"
site=https://127.0.0.1:$(cat port)
get() { curl -sS --no-progress-meter --fail --max-time 60 --cacert cert.pem "$@"; }

get "$site/large" | sha256sum
get "$site/missing" 2>/dev/null || echo "a missing page: exit code $?"
get --parallel --parallel-max 10 "$site/large?[1-$1]" | wc -c
get --no-keepalive --output page_#1 "$site/large?[1-10]"
cat page_* | sha256sum

git clone -q "$site/project.git" first
cd first
for i in 1 2 3 4 5; do
  seq $i $((i * 20000)) >file$i
  git add .
  git commit -qm "commit $i"
  git push -q origin main
done
cd ..
git clone -q "$site/project.git" second
echo change >>second/file1
git -C second commit -qam change
git -C second push -q
git -C first pull -q
git -C first fsck 2>/dev/null
git -C first log --format='%H %s' --stat
cd second && sha256sum file*
