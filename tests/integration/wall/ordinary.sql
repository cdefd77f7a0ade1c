SELECT * FROM public.orders ORDER BY id
;
SELECT o.id, c.name, o.total FROM orders o JOIN customers c ON c.id = o.customer_id WHERE o.total > 20 ORDER BY 1
;
SELECT c.country, count(*), sum(o.total), avg(o.total)::numeric(10,3), min(o.placed_at), max(o.placed_at)
FROM public.customers c LEFT JOIN public.orders o ON o.customer_id = c.id GROUP BY c.country ORDER BY c.country
;
SELECT c.id, c.name, count(o.id) FROM customers c JOIN orders o ON o.customer_id = c.id GROUP BY c.id ORDER BY 1
;
WITH big AS (SELECT * FROM orders WHERE total > 50), per AS (SELECT customer_id, count(*) AS n FROM big GROUP BY 1)
SELECT c.name, p.n FROM per p JOIN customers c ON c.id = p.customer_id ORDER BY p.n DESC, c.name
;
WITH RECURSIVE chain AS (
  SELECT id, name, manager_id, 1 AS depth FROM hr.employees WHERE manager_id IS NULL
  UNION ALL SELECT e.id, e.name, e.manager_id, c.depth + 1 FROM hr.employees e JOIN chain c ON e.manager_id = c.id
) SELECT * FROM chain ORDER BY depth, id
;
WITH RECURSIVE t(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM t WHERE n < 10) SELECT sum(n) FROM t
;
SELECT id, total, rank() OVER (PARTITION BY status ORDER BY total DESC), sum(total) OVER w, lag(total) OVER w
FROM orders WINDOW w AS (PARTITION BY customer_id ORDER BY placed_at ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) ORDER BY id
;
SELECT status, count(*) FILTER (WHERE total > 30), string_agg(id::text, ',' ORDER BY id DESC) FROM orders GROUP BY status ORDER BY status
;
SELECT c.name, x.total FROM customers c CROSS JOIN LATERAL (
  SELECT total FROM orders o WHERE o.customer_id = c.id ORDER BY total DESC LIMIT 2) x ORDER BY 1, 2
;
SELECT DISTINCT ON (customer_id) customer_id, id, placed_at FROM orders ORDER BY customer_id, placed_at DESC
;
SELECT * FROM orders WHERE status = 'new' AND placed_at >= date '2026-02-10' AND placed_at < timestamp '2026-02-12 00:00' ORDER BY id
;
SELECT * FROM orders WHERE customer_id IN (SELECT id FROM customers WHERE country = 'DE') ORDER BY id LIMIT 7 OFFSET 3
;
SELECT * FROM orders WHERE customer_id = ANY (ARRAY[1, 2, 3]) AND total BETWEEN 10 AND 100 ORDER BY total
;
SELECT name FROM customers c WHERE EXISTS (SELECT FROM orders o WHERE o.customer_id = c.id AND o.total > 140) ORDER BY name
;
SELECT name FROM customers c WHERE NOT EXISTS (SELECT 1 FROM orders o WHERE o.customer_id = c.id) ORDER BY name
;
SELECT country FROM customers UNION SELECT code FROM countries ORDER BY 1
;
(SELECT id FROM customers ORDER BY id LIMIT 3) UNION ALL (SELECT id FROM orders ORDER BY id DESC LIMIT 3)
;
SELECT code FROM countries EXCEPT SELECT country FROM customers WHERE id < 3 ORDER BY 1
;
SELECT id FROM customers INTERSECT SELECT customer_id FROM orders ORDER BY id DESC
;
SELECT CASE WHEN total > 100 THEN 'big' WHEN total > 50 THEN 'middle' ELSE 'small' END AS size, count(*) FROM orders GROUP BY 1 ORDER BY 1
;
SELECT extract(year FROM placed_at), extract(isodow FROM placed_at), date_trunc('week', placed_at), count(*) FROM orders GROUP BY 1, 2, 3 ORDER BY 3, 2
;
SELECT placed_at AT TIME ZONE 'Europe/Berlin', placed_at + interval '1 day', age(placed_at, '2026-01-01') FROM orders ORDER BY id LIMIT 5
;
SELECT upper(name), lower(email), length(name), substring(email FROM 1 FOR 4), position('@' IN email), trim(both ' ' FROM name), overlay(name PLACING 'X' FROM 1 FOR 1) FROM customers ORDER BY id
;
SELECT split_part(email, '@', 2) AS host, count(*) FROM customers GROUP BY host HAVING count(*) > 1 ORDER BY count(*) DESC, host
;
SELECT name FROM customers WHERE email ~* '^canary-1[0-9]@' AND name NOT LIKE '%x%' AND email SIMILAR TO '%@example.(net|org)' ORDER BY 1
;
SELECT tags[1], array_length(tags, 1), 'CANARY-vip' = ANY (tags), unnest(tags) FROM customers WHERE tags IS NOT NULL
;
SELECT profile ->> 'secret', profile -> 'secret', profile @> '{"secret": "x"}', jsonb_typeof(profile) FROM customers WHERE profile IS NOT NULL
;
SELECT e.key, e.value FROM customers c, jsonb_each_text(c.profile) AS e ORDER BY 1
;
SELECT key, value FROM customers, jsonb_each(profile)
;
SELECT row_to_json(o) FROM orders o ORDER BY o.id LIMIT 3
;
SELECT to_jsonb(x) FROM (SELECT id, total FROM public.orders ORDER BY id LIMIT 2) x
;
SELECT json_agg(json_build_object('id', id, 'total', total) ORDER BY id) FROM orders WHERE id < 5
;
SELECT g, g * 2 AS twice FROM generate_series(1, 5) AS g
;
SELECT d::date, count(o.id) FROM generate_series(date '2026-02-01', date '2026-02-10', interval '1 day') d LEFT JOIN orders o ON o.placed_at::date = d::date GROUP BY d ORDER BY d
;
SELECT n.n, v.word FROM unnest(ARRAY['a', 'b', 'c']) WITH ORDINALITY AS v(word, n), LATERAL (SELECT v.n) n ORDER BY 1
;
SELECT * FROM ROWS FROM (generate_series(1, 3), unnest(ARRAY['x', 'y'])) AS r(a, b)
;
SELECT * FROM (VALUES (1, 'one'), (2, 'two')) AS v(n, word) JOIN orders o ON o.id = v.n ORDER BY n
;
VALUES (1, 'a'), (2, 'b')
;
TABLE public.countries
;
SELECT public.countries.name, countries.code FROM public.countries ORDER BY public.countries.code
;
SELECT "c"."name" AS "Näme mit ü", "c".code FROM "public"."countries" AS "c" ORDER BY 1
;
SELECT 'ü€𝄞' AS text, c.name FROM public.countries c WHERE c.code = 'DE' OR 'ß' = 'ẞ'
;
SELECT "Wert %", "select" FROM hr."Odd ""Name"
;
SELECT hr."Odd ""Name"."select" FROM hr."Odd ""Name"
;
SELECT * FROM customer_totals ORDER BY id
;
SELECT t.total, o.total FROM customer_totals t JOIN open_orders o ON o.customer_id = t.id ORDER BY 1, 2
;
SELECT paid_on, amount FROM payments ORDER BY paid_on
;
SELECT count(*) FROM ONLY payments
;
SELECT a.id, b.id FROM orders a JOIN orders b USING (customer_id) WHERE a.id < b.id ORDER BY 1, 2 LIMIT 10
;
SELECT id, customer_id FROM orders NATURAL JOIN (SELECT id FROM orders WHERE id < 4) x ORDER BY 1
;
SELECT j.id, j.code FROM (customers c LEFT JOIN countries k ON k.code = c.country) AS j ORDER BY 1 LIMIT 4
;
SELECT country, status, sum(total), grouping(country, status) FROM customers c JOIN orders o ON o.customer_id = c.id GROUP BY ROLLUP (country, status) ORDER BY 1, 2
;
SELECT country, status, count(*) FROM customers c JOIN orders o ON o.customer_id = c.id GROUP BY GROUPING SETS ((country), (status), ()) ORDER BY 1, 2
;
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY total), mode() WITHIN GROUP (ORDER BY status), stddev(total), corr(total, id) FROM orders
;
SELECT width_bucket(total, 0, 150, 5) AS bucket, count(*) FROM orders GROUP BY bucket ORDER BY bucket
;
SELECT total::text || ' EUR', total::int, total::float8, CAST(total AS numeric(8,1)), status::text, id::bigint FROM orders ORDER BY id LIMIT 4
;
SELECT greatest(1, 2), least(1, 2), coalesce(NULL, 3), nullif(1, 1), num_nulls(1, NULL), abs(-1), round(1.55, 1), mod(7, 3), 7 % 3, 2 ^ 3, |/ 16, @ -3
;
SELECT 1 = 1 AND NOT false, NULL IS NULL, 1 IS DISTINCT FROM 2, true IS NOT UNKNOWN, 1 BETWEEN SYMMETRIC 2 AND 0, (1, 2) < (1, 3), ARRAY[1, 2] || 3
;
SELECT E'a\nb', $$dollar$$, $x$with 'quotes'$x$, U&'d\0061t\+000061', B'101', X'1F', 1e3, .5
;
SELECT interval '1 day 2 hours', date '2026-01-31' + 1, time '10:00', timestamptz '2026-01-01 00:00Z', '{1,2}'::int[], '[1,5)'::int4range @> 3
;
SELECT to_char(placed_at, 'YYYY-MM-DD HH24:MI'), to_char(total, 'FM999G990D00'), to_date('2026-03-04', 'YYYY-MM-DD'), make_date(2026, 5, 6) FROM orders ORDER BY id LIMIT 2
;
SELECT to_tsvector('english', 'The quick brown foxes') @@ to_tsquery('english', 'fox & quick'), ts_rank(to_tsvector('a b'), to_tsquery('a'))
;
SELECT regexp_replace('abc', '(b)', '[\1]'), regexp_matches('a1b2', '\d', 'g'), string_to_array('a,b', ','), md5('x'), encode('abc', 'base64')
;
SELECT xmlelement(name x, xmlattributes(1 AS a), 'y'), xpath('/a/text()', '<a>b</a>'::xml)
;
SELECT * FROM xmltable('/r/i' PASSING ('<r><i n="1">a</i><i n="2">b</i></r>'::xml) COLUMNS n int PATH '@n', t text PATH '.') AS x
;
SELECT * FROM json_to_recordset('[{"a": 1, "b": "x"}, {"a": 2}]') AS r(a int, b text)
;
SELECT (r).* FROM (SELECT ROW(1, 'a')::record, 2) x(q, r2), LATERAL (SELECT o AS r FROM orders o WHERE o.id = x.r2) y
;
SELECT ARRAY(SELECT id FROM orders WHERE id < 4 ORDER BY id DESC), (SELECT count(*) FROM orders), 3 IN (SELECT id FROM orders), 5 > ALL (SELECT id FROM orders WHERE id < 5)
;
SELECT count(*) AS n FROM (SELECT DISTINCT status, country FROM orders o JOIN customers c ON c.id = o.customer_id) x
;
SELECT x.*, x AS whole, x.count FROM (SELECT status, count(*) FROM orders GROUP BY status) x ORDER BY 1
;
SELECT s.max, s.coalesce, s.case FROM (SELECT max(id), coalesce(NULL, 1), CASE WHEN true THEN 2 END FROM orders) s
;
SELECT name COLLATE "C" FROM countries ORDER BY name COLLATE pg_catalog."default" DESC NULLS LAST
;
SELECT id FROM orders ORDER BY total USING > LIMIT 3
;
SELECT id FROM orders ORDER BY id FETCH FIRST 2 ROWS ONLY
;
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; DECLARE c SCROLL CURSOR FOR SELECT id FROM orders ORDER BY id; FETCH 3 FROM c; FETCH PRIOR c; MOVE 5 IN c; FETCH ABSOLUTE 2 FROM c; CLOSE c; COMMIT
;
PREPARE p (int, text) AS SELECT id, $2 FROM orders WHERE id = $1; EXECUTE p(3, 'x'); EXECUTE p(2 + 2, upper('y')); DEALLOCATE p
;
SAVEPOINT a; SELECT 1; ROLLBACK TO SAVEPOINT a; RELEASE a
;
SET LOCAL timezone TO 'UTC'; SHOW timezone; SET datestyle = 'ISO, DMY'; SELECT '01/02/2026'::date; RESET datestyle; SELECT current_setting('timezone')
;
COPY (SELECT id, total FROM public.orders ORDER BY id LIMIT 3) TO STDOUT WITH (FORMAT csv, HEADER true, DELIMITER ';')
;
SELECT current_database(), current_user = session_user, version() LIKE 'PostgreSQL%', now() = current_timestamp, current_date = now()::date
;
EXPLAIN (COSTS off) SELECT id FROM public.orders o WHERE o.id = 3
;
SELECT 1; SELECT 2;; SELECT 3 -- the end
;
/* first */ SELECT /* c */ o.id FROM /* "x" */ public.orders /* y */ o -- public.customers
WHERE o.id = 1
