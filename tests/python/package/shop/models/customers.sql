-- One row per account, with where it stands in its lifecycle: the shop's own model, of a name that many projects have.
select
    clients.client_number,
    clients.full_name,
    lifecycle.current_stage,
    lifecycle.is_at_risk
from {{ source('raw', 'clients') }} as clients
left join {{ ref('lifecycle_customers') }} as lifecycle
    on cast(clients.client_number as varchar) = lifecycle.customer_id
