-- ## windows

-- # qualify with a ranking
select id, pay * 2 as twice, twice + 1 as more from staff where twice > 3
qualify row_number() over (partition by dept order by pay desc) = 1;
--> staff => ()
--> ().id <- staff.id
--> ().twice <- staff.pay transformation
--> ().more <- staff.pay transformation
--> () <- staff.pay filter, staff.dept filter
