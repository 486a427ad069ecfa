-- One row per id that is, at some time, a customer whose stages are computed in this build.
{{ config(materialized='view') }}
with

int_computed_persons as (
    select distinct memberships.person_id
    from {{ ref('int_identity_memberships') }} as memberships
    inner join {{ ref('int_customers_to_compute') }} as computed on memberships.customer_key = computed.customer_key
)

select * from int_computed_persons
