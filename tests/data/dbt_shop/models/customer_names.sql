{{ config(materialized='view') }}
select id, email as address, country from {{ ref('customer_facts') }}
