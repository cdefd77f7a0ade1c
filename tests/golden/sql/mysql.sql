-- schema shop.orders(id, customer_id, amount, status)
-- schema shop.customers(id, email)

-- ## select

-- # if function
select if(amount > 0, id, customer_id) as x from shop.orders;
--> shop.orders => ()
--> ().x <- shop.orders.amount condition, shop.orders.id transformation, shop.orders.customer_id transformation

-- # hash comment and user variable
select id from shop.orders # a comment
where amount > 1;
--> shop.orders => ()
--> ().id <- shop.orders.id
--> () <- shop.orders.amount filter

-- ## aggregates

-- # group concat
select group_concat(email order by id separator ',') as emails from shop.customers;
--> shop.customers => ()
--> ().emails <- shop.customers.email aggregation, shop.customers.id window

-- ## insert

-- # on duplicate key
insert into shop.totals (id, total) select id, amount from shop.orders on duplicate key update total = values(total);
--> shop.orders => shop.totals
--> shop.totals.id <- shop.orders.id
--> shop.totals.total <- shop.orders.amount

-- # replace into
replace into shop.totals (id, total) select id, amount from shop.orders;
--> - => ()
--> ! unsupported_statement

-- ## create

-- # create table as
create table shop.big as select id, amount from shop.orders;
--> shop.orders => shop.big
--> shop.big.id <- shop.orders.id
--> shop.big.amount <- shop.orders.amount

-- ## update

-- # update with a join
update shop.orders o join shop.customers c on c.id = o.customer_id set o.status = c.email where c.id > 3;
--> shop.customers => shop.orders
--> shop.orders.status <- shop.customers.email
--> shop.orders <- shop.customers.id join, shop.orders.customer_id join, shop.customers.id filter

-- ## delete

-- # delete with a join
delete o from shop.orders o join shop.customers c on c.id = o.customer_id where c.email is null;
--> shop.customers => shop.orders
--> shop.orders <- shop.customers.id join, shop.orders.customer_id join, shop.customers.email filter

-- ## scripts

-- # use
use shop; select id, email from customers;
--> shop.customers => ()
--> ().id <- shop.customers.id
--> ().email <- shop.customers.email

-- ## names

-- # backquoted identifiers
select `o`.`id` from `shop`.`orders` as `o`;
--> shop.orders => ()
--> ().id <- shop.orders.id

-- ## table functions

-- # json table
select o.id, j.sku, j.n from carts o,
  json_table(o.doc, '$.lines[*]' columns (n for ordinality, sku varchar(20) path '$.sku', nested path '$.tags[*]' columns (tag varchar(9) path '$'))) as j
where j.tag <> '';
--> carts => ()
--> ().id <- carts.id
--> ().sku <- carts.doc transformation
--> ().n <- carts.doc transformation
--> () <- carts.doc filter

-- ## nested

-- # JSON operators
select doc->'$.a' as a, doc->>'$.b.c' as c, json_extract(doc, '$.d') as d from carts;
--> carts => ()
--> ().a <- carts.doc transformation
--> ().c <- carts.doc transformation
--> ().d <- carts.doc transformation

-- ## aggregates

-- # concatenation, JSON aggregates and rollup
select k, group_concat(distinct name order by rank_ separator ';') as names, json_arrayagg(name) as arr, json_objectagg(name, rank_) as obj
from words group by k with rollup;
--> words => ()
--> ().k <- words.k
--> ().names <- words.name aggregation, words.rank_ window
--> ().arr <- words.name aggregation
--> ().obj <- words.name aggregation, words.rank_ aggregation
--> () <- words.k group_by
