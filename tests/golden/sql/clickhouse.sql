-- schema shop.visits(id UInt64, user_id UInt64, tags Array(String), goals Nested(name String, at DateTime), props Map(String, String), spent Decimal(10), at DateTime)

-- ## nested

-- # array join under an alias
select id, tag from shop.visits array join tags as tag;
--> shop.visits => ()
--> ().id <- shop.visits.id
--> ().tag <- shop.visits.tags transformation

-- # array join in the place of the array
select id, tags, n from shop.visits left array join tags, arrayEnumerate(tags) as n where tags <> '';
--> shop.visits => ()
--> ().id <- shop.visits.id
--> ().tags <- shop.visits.tags transformation
--> ().n <- shop.visits.tags transformation
--> () <- shop.visits.tags filter

-- # array join of a nested column
select id, g.name from shop.visits array join goals as g;
--> shop.visits => ()
--> ().id <- shop.visits.id
--> ().name <- shop.visits.goals.name transformation

-- # arrayJoin in the select list
select id, arrayJoin(tags) as tag from shop.visits;
--> shop.visits => ()
--> ().id <- shop.visits.id
--> ().tag <- shop.visits.tags transformation

-- # tuples by position
select p.1 as a, p.2 as b from (select tuple(id, spent * 2) as p from shop.visits);
--> shop.visits => ()
--> ().a <- shop.visits.id
--> ().b <- shop.visits.spent transformation

-- # map access and lambdas
select props['utm'] as utm, arrayMap(t -> concat(t, toString(user_id)), tags) as named, arrayFilter((t, i) -> i > 1, tags, arrayEnumerate(tags)) as rest
from shop.visits;
--> shop.visits => ()
--> ().utm <- shop.visits.props transformation
--> ().named <- shop.visits.tags transformation, shop.visits.user_id transformation
--> ().rest <- shop.visits.tags transformation

-- ## ctes

-- # constants of WITH
with (select max(spent) from shop.visits) as top, spent / top as share
select id, share from shop.visits where spent < top;
--> shop.visits => ()
--> ().id <- shop.visits.id
--> ().share <- shop.visits.spent aggregation
--> () <- shop.visits.spent filter

-- ## aggregates

-- # combinators and parameters
select sumIf(spent, user_id > 1) as s, countIf(user_id = 1) as n, argMax(id, at) as last, argMaxIf(id, at, spent > 0) as last_paid,
  quantile(0.9)(spent) as q, quantileExactIf(0.5)(spent, id > 3) as qi, groupArray(10)(user_id) as some, uniqExact(user_id) as u,
  topK(3)(user_id) as top
from shop.visits;
--> shop.visits => ()
--> ().s <- shop.visits.spent aggregation, shop.visits.user_id condition
--> ().n <- shop.visits.user_id condition
--> ().last <- shop.visits.id aggregation, shop.visits.at condition
--> ().last_paid <- shop.visits.id aggregation, shop.visits.spent condition, shop.visits.at condition
--> ().q <- shop.visits.spent aggregation
--> ().qi <- shop.visits.spent aggregation, shop.visits.id condition
--> ().some <- shop.visits.user_id aggregation
--> ().u <- shop.visits.user_id aggregation
--> ().top <- shop.visits.user_id aggregation

-- # final, sample, prewhere and limit by
select id, spent from shop.visits final sample 0.1 prewhere at > '2024-01-01' where spent > 0 order by at limit 1 by user_id;
--> shop.visits => ()
--> ().id <- shop.visits.id
--> ().spent <- shop.visits.spent
--> () <- shop.visits.spent filter, shop.visits.at filter, shop.visits.user_id group_by, shop.visits.at sort

-- ## stars

-- # star with a function applied
select * except (id, tags, goals, props, at) apply(sum) from shop.visits;
--> shop.visits => ()
--> ().user_id <- shop.visits.user_id aggregation
--> ().spent <- shop.visits.spent aggregation

-- # columns by a regular expression
select columns('id$') from shop.visits;
--> shop.visits => ()
--> ().id <- shop.visits.id
--> ().user_id <- shop.visits.user_id

-- ## joins

-- # global any join with using
select v.id, u.name from shop.visits v global any left join shop.users u using (user_id);
--> shop.visits, shop.users => ()
--> ().id <- shop.visits.id
--> ().name <- shop.users.name
--> () <- shop.visits.user_id join, shop.users.user_id join

-- # asof join on an inequality
select v.id, p.price from shop.visits v asof left join shop.prices p on p.user_id = v.user_id and p.at <= v.at;
--> shop.visits, shop.prices => ()
--> ().id <- shop.visits.id
--> ().price <- shop.prices.price
--> () <- shop.prices.user_id join, shop.visits.user_id join, shop.prices.at join, shop.visits.at join

-- ## table functions

-- # numbers have no source
select number * 2 as n from numbers(10);
--> - => ()

-- ## ctes

-- # constant that hides the column it is made of (no schema)
with lower(a) as a select a, b from t where a <> '';
--> t => ()
--> ().a <- t.a transformation
--> ().b <- t.b
--> () <- t.a filter

-- ## joins

-- # left semi join shows both sides
select v.id, u.name from shop.visits v semi left join shop.users u on u.id = v.user_id;
--> shop.visits, shop.users => ()
--> ().id <- shop.visits.id
--> ().name <- shop.users.name
--> () <- shop.users.id join, shop.visits.user_id join
-- schema w.src(id, grp, amount, state, at)
-- schema w.dst(id, grp, total)
-- ## insert

-- # all columns but one
insert into w.dst (* except (grp)) select id, amount from w.src;
--> w.src => w.dst
--> w.dst.id <- w.src.id
--> w.dst.total <- w.src.amount

-- ## create

-- # materialized view to a table
create materialized view w.mv to w.dst as select id, max(grp) as grp, sum(amount) as total from w.src group by id;
--> w.src => w.dst
--> w.dst.id <- w.src.id
--> w.dst.grp <- w.src.grp aggregation
--> w.dst.total <- w.src.amount aggregation
--> w.dst <- w.src.id group_by

-- # populated materialized view
create materialized view w.mv on cluster c engine = SummingMergeTree order by id populate as select id, amount from w.src;
--> w.src => w.mv
--> w.mv.id <- w.src.id
--> w.mv.amount <- w.src.amount

-- # columns of another table
create table w.dst_new as w.dst engine = MergeTree order by id; insert into w.dst_new select id, grp, amount from w.src;
--> w.src => w.dst_new
--> w.dst_new.id <- w.src.id
--> w.dst_new.grp <- w.src.grp
--> w.dst_new.total <- w.src.amount

-- ## update

-- # mutation
alter table w.dst update total = total + grp, grp = 0 where id > 3;
--> - => w.dst
--> w.dst.total <- w.dst.total transformation, w.dst.grp transformation
--> w.dst <- w.dst.id filter

-- ## delete

-- # delete by mutation
alter table w.dst delete where id in (select id from w.src where state = 'gone');
--> w.src => w.dst
--> w.dst <- w.dst.id filter, w.src.id filter, w.src.state filter

-- ## files

-- # insert into a function
insert into function s3('s3://out/src.csv', 'CSV') select id, amount from w.src;
--> w.src => s3://out/src.csv
--> s3://out/src.csv.id <- w.src.id
--> s3://out/src.csv.amount <- w.src.amount

-- # select from a function
insert into w.dst (id, total) select id, amount from url('https://host/x.csv', CSV, 'id UInt64, amount Float64');
--> https://host/x.csv => w.dst
--> w.dst.id <- https://host/x.csv.id
--> w.dst.total <- https://host/x.csv.amount

-- # outfile and infile
select id from w.src into outfile 'ids.csv' format CSV;
insert into w.dst (id) from infile 'ids.csv' format CSV;
--> w.src, ids.csv => ids.csv, w.dst
--> ids.csv.id <- w.src.id

-- ## scripts

-- # exchange of tables
create table w.dst_new engine = MergeTree order by id as select id, grp, amount as total from w.src;
exchange tables w.dst_new and w.dst;
drop table w.dst_new sync;
--> w.src => w.dst
--> w.dst.id <- w.src.id
--> w.dst.grp <- w.src.grp
--> w.dst.total <- w.src.amount

-- # partitions from and to other tables
alter table w.dst replace partition 202401 from w.dst_stage; alter table w.dst move partition 202301 to table w.archive;
--> w.dst_stage, w.dst => [w.dst], [w.archive]
--> w.dst.* <- w.dst_stage.*
--> w.archive.id <- w.dst.id
--> w.archive.grp <- w.dst.grp
--> w.archive.total <- w.dst.total

-- # use and temporary table
use w; create temporary table t as select id from src; insert into dst (id) select id from t;
--> w.src => w.dst
--> w.dst.id <- w.src.id

-- # mutation on a cluster
alter table w.dst on cluster c update total = grp * 2 where id in (select id from w.src);
--> w.src => w.dst
--> w.dst.total <- w.dst.grp transformation
--> w.dst <- w.dst.id filter, w.src.id filter

-- schema shop.orders(id, customer_id, amount, tags, ordered_at)
-- schema shop.customers(id, email)
-- schema shop.rates(currency, ts, rate)

-- ## select

-- # final, sample and prewhere
select id from shop.orders final sample 0.1 prewhere amount > 1 where customer_id = 2;
--> shop.orders => ()
--> ().id <- shop.orders.id
--> () <- shop.orders.customer_id filter, shop.orders.amount filter

-- # limit by
select id, amount from shop.orders order by amount desc limit 3 by customer_id limit 100;
--> shop.orders => ()
--> ().id <- shop.orders.id
--> ().amount <- shop.orders.amount
--> () <- shop.orders.customer_id group_by, shop.orders.amount sort

-- # format and settings
select id from shop.orders settings max_threads = 4 format JSONEachRow;
--> shop.orders => ()
--> ().id <- shop.orders.id

-- # ternary and tuple access
select amount > 0 ? id : customer_id as x, tuple(id, amount).2 as second from shop.orders;
--> shop.orders => ()
--> ().x <- shop.orders.amount condition, shop.orders.id transformation, shop.orders.customer_id transformation
--> ().second <- shop.orders.amount

-- # multiIf
select multiIf(amount > 10, id, amount > 5, customer_id, 0) as x from shop.orders;
--> shop.orders => ()
--> ().x <- shop.orders.amount condition, shop.orders.id transformation, shop.orders.customer_id transformation

-- # alias used everywhere
select amount * 2 as twice, twice + 1 as more from shop.orders where twice > 1 group by amount having more > 3 order by more;
--> shop.orders => ()
--> ().twice <- shop.orders.amount transformation
--> ().more <- shop.orders.amount transformation
--> () <- shop.orders.amount filter, shop.orders.amount group_by, shop.orders.amount sort

-- # cast by colons and a date function
select toStartOfMonth(ordered_at) as month, amount::Float64 as f from shop.orders;
--> shop.orders => ()
--> ().month <- shop.orders.ordered_at transformation
--> ().f <- shop.orders.amount transformation

-- ## joins

-- # global any left join
select o.id, c.email from shop.orders as o global any left join shop.customers as c on c.id = o.customer_id;
--> shop.orders, shop.customers => ()
--> ().id <- shop.orders.id
--> ().email <- shop.customers.email
--> () <- shop.customers.id join, shop.orders.customer_id join

-- # asof join
select o.id, r.rate from shop.orders o asof join shop.rates r on o.tags = r.currency and o.ordered_at >= r.ts;
--> shop.orders, shop.rates => ()
--> ().id <- shop.orders.id
--> ().rate <- shop.rates.rate
--> () <- shop.orders.tags join, shop.rates.currency join, shop.orders.ordered_at join, shop.rates.ts join

-- ## subqueries

-- # global in
select id from shop.orders where customer_id global in (select id from shop.customers where email != '');
--> shop.orders, shop.customers => ()
--> ().id <- shop.orders.id
--> () <- shop.orders.customer_id filter, shop.customers.id filter, shop.customers.email filter

-- ## aggregates

-- # conditional aggregate
select customer_id, countIf(amount > 5) as many from shop.orders group by customer_id;
--> shop.orders => ()
--> ().customer_id <- shop.orders.customer_id
--> ().many <- shop.orders.amount condition
--> () <- shop.orders.customer_id group_by

-- # quantile with a parameter
select quantile(0.9)(amount) as q, uniqExact(customer_id) as u, groupArray(id) as ids from shop.orders;
--> shop.orders => ()
--> ().q <- shop.orders.amount aggregation
--> ().u <- shop.orders.customer_id aggregation
--> ().ids <- shop.orders.id aggregation

-- ## stars

-- # star except
select * except (tags, ordered_at) from shop.orders;
--> shop.orders => ()
--> ().id <- shop.orders.id
--> ().customer_id <- shop.orders.customer_id
--> ().amount <- shop.orders.amount

-- ## table functions

-- # table of a cluster
select id from clusterAllReplicas('main', shop.orders) where amount > 1;
--> shop.orders => ()
--> ().id <- shop.orders.id
--> () <- shop.orders.amount filter

-- # view function
select x from view(select id as x from shop.orders) as v;
--> shop.orders => ()
--> ().x <- shop.orders.id

-- # numbers read nothing
select number from numbers(10);
--> - => ()

-- ## create

-- # table engine with options
create table shop.daily engine = SummingMergeTree partition by toYYYYMM(d) order by (d, customer_id) settings index_granularity = 8192
as select toDate(ordered_at) as d, customer_id, sum(amount) as total from shop.orders group by d, customer_id;
--> shop.orders => shop.daily
--> shop.daily.d <- shop.orders.ordered_at transformation
--> shop.daily.customer_id <- shop.orders.customer_id
--> shop.daily.total <- shop.orders.amount aggregation
--> shop.daily <- shop.orders.ordered_at group_by, shop.orders.customer_id group_by

-- # live view and window view
create live view shop.lv as select id from shop.orders;
--> shop.orders => shop.lv
--> shop.lv.id <- shop.orders.id

-- ## insert

-- # insert of inline data
insert into shop.orders (id, amount) format JSONEachRow {"id": 1, "amount": 2};
--> - => shop.orders

-- ## names

-- # names keep their case
select Id from shop.Events;
--> shop.Events => ()
--> ().Id <- shop.Events.Id

-- # back quotes and double quotes
select `o`."id" as "Order Id" from `shop`.`orders` as `o`;
--> shop.orders => ()
--> ().Order Id <- shop.orders.id

-- # one row of the system
select 1 from system.one;
--> - => ()

-- ## other

-- # maintenance names no table
optimize table shop.orders final; system reload dictionaries; check table shop.orders; exists table shop.orders; kill mutation where database = 'shop'; show create table shop.orders; attach table shop.old; drop dictionary d; create user u identified by 'x'; create function f as (x) -> x + 1;
--> - => ()
-- ## aggregates

-- # parametric aggregates that the parser does not know
select groupArraySorted(3)(spent) as least, quantileDD(0.01, 0.5)(spent) as mid, sumIf(spent, at > '2024-01-01') as s from shop.visits group by user_id;
--> shop.visits => ()
--> ().least <- shop.visits.spent aggregation
--> ().mid <- shop.visits.spent aggregation
--> ().s <- shop.visits.spent aggregation, shop.visits.at condition
--> () <- shop.visits.user_id group_by

-- ## scripts

-- # build, then rename on a cluster
create table shop.fresh engine = Memory as select id from shop.orders; rename table shop.fresh to shop.kept on cluster main;
--> shop.orders => shop.kept
--> shop.kept.id <- shop.orders.id

-- ## table functions

-- # tables of other servers, database and table apart (no schema)
insert into t (a, b) select x.a, y.b from remote('h1:9000', 'shop', 'orders', 'u', 'p') x join remoteSecure('h2', shop, items) y on x.id = y.id;
insert into function remote('h3', 'dwh', 'orders') (a) select a from t;
--> shop.orders, shop.items, t => t, dwh.orders
--> t.a <- shop.orders.a
--> t.b <- shop.items.b
--> dwh.orders.a <- t.a
--> t <- shop.orders.id join, shop.items.id join

-- # a target that is no table does not hide what is read (no schema)
insert into function mysql('h:3306', 'db', 'sums', 'u', 'p') select sum(a) from orders;
--> orders => ()
--> ! unsupported_target
