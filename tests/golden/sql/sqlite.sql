-- ## table functions

-- # json_each and json_tree
select d.id, e.value, t.fullkey from docs d, json_each(d.body, '$.lines') e, json_tree(d.body) t where e.key > 1;
--> docs => ()
--> ().id <- docs.id
--> ().value <- docs.body transformation
--> ().fullkey <- docs.body transformation
--> () <- docs.body filter

-- ## aggregates

-- # aggregates, and max of two values
select group_concat(name, ',') as names, total(pay) as t, max(pay, bonus) as better, json_group_array(name) as arr from staff;
--> staff => ()
--> ().names <- staff.name aggregation
--> ().t <- staff.pay aggregation
--> ().better <- staff.pay transformation, staff.bonus transformation
--> ().arr <- staff.name aggregation

-- ## joins

-- # natural join keeps the left side's order
select * from (select name, id from staff) a natural join (select id, pay from salaries) b;
--> staff, salaries => ()
--> ().name <- staff.name
--> ().id <- staff.id
--> ().pay <- salaries.pay
--> () <- staff.id join, salaries.id join
-- schema src(id, grp, amount, state, at)
-- schema dst(id, grp, total)
-- ## insert

-- # replace of rows
replace into dst (id, total) select id, amount from src;
--> src => dst
--> dst.id <- src.id
--> dst.total <- src.amount

-- # upsert that needs where
insert into dst (id, total) select id, amount from src where true on conflict (id) do update set total = excluded.total + dst.total where excluded.total > 3;
--> src => dst
--> dst.id <- src.id
--> dst.total <- src.amount transformation, dst.total transformation
--> dst <- src.amount filter

-- ## update

-- # update or ignore from
update or ignore dst set total = s.amount from src as s where s.id = dst.id;
--> src => dst
--> dst.total <- src.amount
--> dst <- src.id filter, dst.id filter

-- ## scripts

-- # temporary table renamed
create temp table t as select id, amount from src; alter table t rename to u; insert into dst (id, total) select id, amount from u;
--> src => dst
--> dst.id <- src.id
--> dst.total <- src.amount

-- ## procedures

-- # trigger with a block (no schema)
create trigger note after update of total on sums when new.total > 0
begin
  insert into sums_log (id, was, now) values (new.id, old.total, new.total);
  delete from sums_stale where id = old.id;
end;
--> sums => sums_log, sums_stale
--> sums_log.id <- sums.id
--> sums_log.was <- sums.total
--> sums_log.now <- sums.total
--> sums_stale <- sums_stale.id filter, sums.id filter
