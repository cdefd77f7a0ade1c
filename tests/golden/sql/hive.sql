-- schema shop.carts(id int, props map<string,string>, lines array<struct<sku:string,qty:int>>, ship struct<city:string>)

-- ## nested

-- # lateral views over a map and an array of structs
insert overwrite table mart.flat
select c.id, p.k, p.v, l.line.sku
from shop.carts c
lateral view explode(c.props) p as k, v
lateral view outer explode(c.lines) l as line;
--> shop.carts => [mart.flat]
--> mart.flat.id <- shop.carts.id
--> mart.flat.k <- shop.carts.props transformation
--> mart.flat.v <- shop.carts.props transformation
--> mart.flat.sku <- shop.carts.lines.sku transformation

-- # split, then exploded
select id, word from shop.notes lateral view explode(split(body, ' ')) w as word;
--> shop.notes => ()
--> ().id <- shop.notes.id
--> ().word <- shop.notes.body transformation

-- # struct, map and array access
select ship.city, props['k'] as k, lines[0].qty as q from shop.carts;
--> shop.carts => ()
--> ().city <- shop.carts.ship.city
--> ().k <- shop.carts.props transformation
--> ().q <- shop.carts.lines.qty transformation

-- ## joins

-- # left semi join
select c.id from shop.carts c left semi join shop.paid p on (p.cart_id = c.id);
--> shop.carts, shop.paid => ()
--> ().id <- shop.carts.id
--> () <- shop.paid.cart_id join, shop.carts.id join

-- ## windows

-- # collected over a window
select id, collect_set(city) over (partition by id order by at) as cities from shop.moves distribute by id sort by at;
--> shop.moves => ()
--> ().id <- shop.moves.id
--> ().cities <- shop.moves.city aggregation, shop.moves.id window, shop.moves.at window
--> () <- shop.moves.at sort, shop.moves.id sort
