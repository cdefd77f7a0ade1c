{% snapshot customers_history %}
{{ config(unique_key='id', strategy='check', check_cols=['email'], target_schema='public') }}
select id, email, country from {{ source('shop', 'customers') }}
{% endsnapshot %}
