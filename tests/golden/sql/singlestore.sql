-- schema shop.orders(id, customer_id, amount, doc)
-- schema shop.customers(id, email)

-- ## select

-- # json keys by colons
select doc::name as name, json_extract_string(doc, 'a') as a from shop.orders;
--> shop.orders => ()
--> ().name <- shop.orders.doc transformation
--> ().a <- shop.orders.doc transformation

-- # cast by an arrow
select amount :> int as whole, amount !:> int as maybe from shop.orders;
--> shop.orders => ()
--> ().whole <- shop.orders.amount transformation
--> ().maybe <- shop.orders.amount transformation

-- # join and aggregate
select c.email, sum(o.amount) as total from shop.orders o join shop.customers c on c.id = o.customer_id group by c.email;
--> shop.orders, shop.customers => ()
--> ().email <- shop.customers.email
--> ().total <- shop.orders.amount aggregation
--> () <- shop.customers.id join, shop.orders.customer_id join, shop.customers.email group_by

-- ## create

-- # row store table
create rowstore table shop.r as select id, amount from shop.orders;
--> shop.orders => shop.r
--> shop.r.id <- shop.orders.id
--> shop.r.amount <- shop.orders.amount

-- ## insert

-- # replace into
replace into shop.r (id) select id from shop.orders where amount > 1;
--> shop.orders => shop.r
--> shop.r.id <- shop.orders.id
--> shop.r <- shop.orders.amount filter

-- ## names

-- # back quotes and strings in double quotes
select `o`.`id`, "x" as y from `shop`.`orders` as `o`;
--> shop.orders => ()
--> ().id <- shop.orders.id

-- ## other

-- # administration
optimize table shop.orders full; start pipeline p; stop pipeline p; analyze table shop.orders; show tables; kill 3;
--> - => ()
