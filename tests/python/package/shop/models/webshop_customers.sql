-- One row per account, under the names of the raw contract.
select
    client_number as customer_id,
    mail as email,
    full_name as first_name,
    registered_at as created_at,
    country as country_code
from {{ source('raw', 'clients') }}
