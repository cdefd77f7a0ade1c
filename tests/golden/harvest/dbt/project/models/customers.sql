{{ config(materialized='table', group='finance', access='public', contract={'enforced': true}, meta={'tier': 'gold'}) }}
select c.id as customer_id, cast(upper(c.name) as text) as name, n.name::text as country, cast(t.total as numeric) as total
from {{ source('raw', 'customers') }} c
left join {{ ref('int_totals') }} t on t.customer_id = c.id
left join {{ ref('countries') }} n on n.code = c.country
