-- ## nested

-- # unnest of structs under an alias
select e.id, item.sku, json_extract_scalar(e.body, '$.kind') as kind
from lake.events e cross join unnest(e.items) as t(item)
where e.day = '2024-01-01';
--> lake.events => ()
--> ().id <- lake.events.id
--> ().sku <- lake.events.items.sku transformation
--> ().kind <- lake.events.body transformation
--> () <- lake.events.day filter
-- schema w.src(id, grp, amount, state, at)
-- ## files

-- # unload
unload (select id, amount from w.src where state = 'x') to 's3://out/src/' with (format = 'PARQUET', partitioned_by = array['id']);
--> w.src => s3://out/src/
--> s3://out/src/.id <- w.src.id
--> s3://out/src/.amount <- w.src.amount
--> s3://out/src/ <- w.src.state filter

-- ## create

-- # table as with a location
create table w.made with (format = 'parquet', external_location = 's3://lake/made/') as select id from w.src;
--> w.src => w.made
--> w.made.id <- w.src.id
