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
