# sqlite.sh ROWS - a database in a file: inserts, joins, windows, deletes, a vacuum.
set -eu
sqlite3 --version | sed 's/^\([^ ]*\) .*/SQLite \1/'
sqlite3 -bail test.db >results.txt <<SQL
PRAGMA journal_mode = WAL;
CREATE TABLE item(id INTEGER PRIMARY KEY, name TEXT, weight REAL, payload BLOB);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1)
  INSERT INTO item SELECT i, printf('name %d', (i * 7919) % 10007), (i * 31 % 1000) / 7.0,
    zeroblob(i % 97) FROM n;
CREATE INDEX by_name ON item(name, weight);
SELECT count(*), sum(length(payload)), round(avg(weight), 6) FROM item;
SELECT name, count(*), max(weight) FROM item GROUP BY name ORDER BY 2 DESC, 1 LIMIT 20;
SELECT a.id, b.id FROM item a JOIN item b ON a.name = b.name AND a.id < b.id
  ORDER BY a.weight, a.id, b.id LIMIT 20;
SELECT id, sum(weight) OVER (ORDER BY id ROWS 5 PRECEDING) FROM item ORDER BY 2 DESC, 1 LIMIT 20;
SELECT group_concat(name, ', ') FROM (SELECT DISTINCT name FROM item ORDER BY name LIMIT 2000);
SELECT json_group_array(json_object('id', id, 'name', name)) FROM item WHERE id % 5 = 0;
UPDATE item SET name = name || ' again', payload = zeroblob(5000) WHERE id % 13 = 0;
DELETE FROM item WHERE id % 3 = 0;
VACUUM;
PRAGMA integrity_check;
SELECT count(*), sum(length(payload)) FROM item;
SELECT sum(length(quote(payload))), max(name) FROM item;
SQL
cut -c1-300 results.txt
sha256sum <results.txt
