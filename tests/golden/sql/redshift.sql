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
