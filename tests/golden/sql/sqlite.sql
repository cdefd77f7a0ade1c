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
