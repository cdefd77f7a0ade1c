{{ config(materialized='incremental', unique_key='id', on_schema_change='append_new_columns') }}
{% set wide = env_var('SHOP_WIDE', '') %}
select o.id, c.email::varchar({{ 200 if wide else 100 }}) as email, o.total {% if wide %}, c.name {% endif %}
from {{ source('shop', 'orders') }} o join {{ source('shop', 'customers') }} c on c.id = o.customer_id
