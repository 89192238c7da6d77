# tokio_build.sh FOLDER - builds tokio_server there, from what Debian has installed.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1/.cargo" "$1/home"
cp "$here"/tokio_server/* "$1"
cat >"$1/.cargo/config" <<'END'
[source.crates-io]
replace-with = "debian"
[source.debian]
directory = "/usr/share/cargo/registry"
END
cd "$1"
CARGO_HOME="$PWD/home" RUSTC=/usr/bin/rustc /usr/bin/cargo build --offline --quiet --release
