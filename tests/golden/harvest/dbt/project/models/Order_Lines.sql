{{ config(materialized='incremental', unique_key='order_id', alias='Order Lines') }}
select order_id, total from {{ ref('stg_orders') }}
{% if is_incremental() %} where placed_at > now() - interval '1 day' {% endif %}
