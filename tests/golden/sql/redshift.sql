-- schema orders(id, customer_id, amount)

-- ## select

-- # alias in the same select
select amount * 2 as twice, twice + 1 as more from orders;
--> orders => ()
--> ().twice <- orders.amount transformation
--> ().more <- orders.amount transformation

-- ## create

-- # create table as with distribution
create table big distkey (id) sortkey (id) as select id, amount from orders;
--> orders => big
--> big.id <- orders.id
--> big.amount <- orders.amount

-- ## files

-- # copy from s3
copy orders from 's3://bucket/x' iam_role 'arn:x' format as parquet;
--> s3://bucket/x => orders

-- schema readings(sensor, day, metric, reading)

-- ## nested

-- # path into a SUPER column
select c.doc.ship.city, c.doc.lines[0].sku as sku from carts c;
--> carts => ()
--> ().city <- carts.doc.ship.city
--> ().sku <- carts.doc.lines.sku transformation

-- # array of a SUPER column in FROM
select c.id, line.sku, at from carts as c, c.lines as line at at;
--> carts => ()
--> ().id <- carts.id
--> ().sku <- carts.lines.sku transformation
--> ().at <- carts.lines transformation

-- # object of a SUPER column taken apart
select attr, val from carts as c, unpivot c.doc as val at attr;
--> carts => ()
--> ().attr <- carts.doc transformation
--> ().val <- carts.doc transformation

-- ## pivots

-- # pivot
select * from (select sensor, metric, reading from readings) pivot (max(reading) for metric in ('Heat', 'wind' as w));
--> readings => ()
--> ().sensor <- readings.sensor
--> ().heat <- readings.reading aggregation, readings.metric condition
--> ().w <- readings.reading aggregation, readings.metric condition
--> () <- readings.sensor group_by

-- # unpivot
select * from (select sensor, heat, wind from wide) unpivot (v for metric in (heat, wind));
--> wide => ()
--> ().sensor <- wide.sensor
--> ().v <- wide.heat, wide.wind

-- ## aggregates

-- # listagg and approximate count
select listagg(distinct metric, ',') within group (order by day) as names, approximate count(distinct sensor) as n, median(reading) as m from readings;
--> readings => ()
--> ().names <- readings.metric aggregation, readings.day window
--> ().n <- readings.sensor aggregation
--> ().m <- readings.reading aggregation
