-- ## nested

-- # unnest of an array and of a map
select e.id, t.tag, m.k, m.v from events e cross join unnest(e.tags) as t(tag) cross join unnest(e.attrs) as m(k, v);
--> events => ()
--> ().id <- events.id
--> ().tag <- events.tags transformation
--> ().k <- events.attrs transformation
--> ().v <- events.attrs transformation

-- # field of a row behind a subquery
select r.who.name as name from (select payload.actor as who from events) r;
--> events => ()
--> ().name <- events.payload.actor.name
