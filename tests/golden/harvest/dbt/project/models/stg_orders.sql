{{ config(materialized='view', tags=['staging']) }}
select id as order_id, customer_id, amount / 100.0 as total, placed_at from {{ source('raw', 'orders') }} where not deleted
