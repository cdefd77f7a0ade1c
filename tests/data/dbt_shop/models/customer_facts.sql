{{ config(materialized='table') }}
select id, name, email, country from {{ source('shop', 'customers') }}
