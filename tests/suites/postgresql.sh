# postgresql.sh SCALE TRANSACTIONS - a PostgreSQL server of its own: queries, pgbench.
set -eu
if [ "$(id -u)" = 0 ]; then # which the server refuses to run as
  chown postgres .
  exec setpriv --reuid=postgres --regid=postgres --clear-groups sh -s -- "$@" <"$0"
fi
for bin in /usr/lib/postgresql/*/bin; do PATH=$bin:$PATH; done
export HOME="$PWD" PGDATA="$PWD/data" PGHOST=127.0.0.1 PGPORT="$PORT" PGDATABASE=postgres
export PGUSER=owner PGOPTIONS='--client-min-messages=warning'
postgres --version | sed 's/postgres (PostgreSQL)/PostgreSQL/; s/ (.*//'

initdb --username=owner --auth=trust --no-sync >&2
settings="listen_addresses=127.0.0.1 unix_socket_directories= fsync=off max_connections=30
  work_mem=1MB shared_buffers=32MB"
for setting in $settings; do echo "${setting%%=*} = '${setting#*=}'"; done >>data/postgresql.conf
pg_ctl start --wait --log="$PWD/log" >&2
trap 'pg_ctl stop --mode=immediate >&2 || true' EXIT
if [ -n "${LD_PRELOAD-}" ]; then grep -q connarena /proc/"$(head -1 data/postmaster.pid)"/maps; fi

psql --no-psqlrc -v ON_ERROR_STOP=1 --quiet --tuples-only --no-align <<'SQL'
CREATE TABLE item AS SELECT i AS id, md5(i::text) AS name, i * 31 % 1000 / 7.0 AS weight,
  repeat(chr(97 + i % 26), i % 500) AS payload FROM generate_series(1, 50000) AS i;
CREATE INDEX by_name ON item(name);
ANALYZE item;
SELECT count(*), sum(length(payload)), max(name), round(avg(weight), 6) FROM item;
SELECT md5(string_agg(name, ',' ORDER BY weight, name)) FROM item;
SELECT count(*) FROM item a JOIN item b ON a.weight = b.weight WHERE a.id < 3000;
SELECT id, round(sum(weight) OVER (ORDER BY name ROWS 50 PRECEDING), 6) FROM item
  ORDER BY 2 DESC, 1 LIMIT 5;
WITH RECURSIVE n(i, f) AS (VALUES (1, 1::numeric) UNION ALL SELECT i + 1, f * (i + 1) FROM n
  WHERE i < 400) SELECT md5(string_agg(f::text, ',')) FROM n;
SELECT md5(jsonb_agg(jsonb_build_object(name, weight, 'n', id) ORDER BY id)::text)
  FROM item WHERE id <= 20000;
CREATE FUNCTION collatz(n bigint) RETURNS int LANGUAGE plpgsql AS $$
DECLARE steps int := 0; BEGIN
  WHILE n <> 1 LOOP n := CASE WHEN n % 2 = 0 THEN n / 2 ELSE 3 * n + 1 END; steps := steps + 1;
  END LOOP; RETURN steps; END $$;
SELECT max(collatz(i)), sum(collatz(i)) FROM generate_series(1, 2000) AS i;
SELECT count(*) FROM item WHERE payload ~ '^(aa|bb|cc)+$';
UPDATE item SET payload = payload || name WHERE id % 7 = 0;
DELETE FROM item WHERE id % 3 = 0;
SELECT md5(string_agg(payload, '' ORDER BY id)) FROM item;
\copy item TO 'item.copy'
CREATE TABLE copied (LIKE item);
\copy copied FROM 'item.copy'
SELECT count(*) FROM (SELECT * FROM item EXCEPT SELECT * FROM copied) AS missing;
SET max_parallel_workers_per_gather = 2; SET parallel_setup_cost = 0; SET min_parallel_table_scan_size = 0;
SELECT count(*), sum(length(a.payload)) FROM item a JOIN copied b USING (id);
SQL

pgbench --initialize --quiet --scale="$1" >&2 2>&1
pgbench --no-vacuum --client=8 --jobs=2 --transactions="$2" --random-seed=17 >pgbench.out
pgbench --no-vacuum --client=8 --jobs=2 --transactions="$2" --connect --select-only >>pgbench.out
grep -E 'actually processed|failed transactions' pgbench.out
psql --no-psqlrc --tuples-only --no-align --command "SELECT count(*), sum(delta) =
  (SELECT sum(abalance) FROM pgbench_accounts), sum(delta) = (SELECT sum(bbalance)
  FROM pgbench_branches) FROM pgbench_history"
pg_ctl stop --mode=fast >&2
trap - EXIT
grep -cE "PANIC|terminated by signal" log || [ $? = 1 ]
