-- An order that a loader appended again, in place of replacing it, has its lines and its shipping twice: let Airbyte deduplicate
-- and dlt merge.
{{ config(severity='warn', enabled=filled_by('orders') != []) }}

select brand, order_id, count(*) as order_count
from {{ ref('customer_lifecycle_connectors', 'raw__orders') }}
group by brand, order_id
having count(*) > 1
