-- schema shop.carts(id int, doc string, lines array<struct<sku:string,qty:int>>, labels array<string>, ship struct<city:string>)

-- ## nested

-- # colon paths into a string of JSON
select doc:ship.city::string as city, doc:lines[0].sku as sku from shop.carts;
--> shop.carts => ()
--> ().city <- shop.carts.doc transformation
--> ().sku <- shop.carts.doc transformation

-- # lateral explode in FROM
select c.id, t.line.sku from shop.carts c, lateral explode(c.lines) as t(line);
--> shop.carts => ()
--> ().id <- shop.carts.id
--> ().sku <- shop.carts.lines.sku transformation

-- # explode of a variant
select c.id, v.key, v.value from shop.carts c, lateral variant_explode(parse_json(c.doc)) as v;
--> shop.carts => ()
--> ().id <- shop.carts.id
--> ().key <- shop.carts.doc transformation
--> ().value <- shop.carts.doc transformation

-- ## stars

-- # star except
select * except (doc, labels) from shop.carts;
--> shop.carts => ()
--> ().id <- shop.carts.id
--> ().lines <- shop.carts.lines
--> ().ship <- shop.carts.ship

-- ## windows

-- # qualify
select id, size(lines) as n from shop.carts qualify row_number() over (partition by ship.city order by n desc) = 1;
--> shop.carts => ()
--> ().id <- shop.carts.id
--> ().n <- shop.carts.lines transformation
--> () <- shop.carts.ship.city filter, shop.carts.lines filter

-- ## pivots

-- # pivot of a table expression
with m as (select id, month(placed) as mon, total from shop.bills)
select * from m pivot (sum(total) for mon in (1 as jan, 2 as feb));
--> shop.bills => ()
--> ().id <- shop.bills.id
--> ().jan <- shop.bills.total aggregation, shop.bills.placed condition
--> ().feb <- shop.bills.total aggregation, shop.bills.placed condition
--> () <- shop.bills.id group_by
