-- One row per affiliate sale that has not been deleted, with what it counts as: a sale; repeated, when another sale had
-- claimed the order before; self_purchase, when the affiliate is the buyer; rejected; void, when the order never was a
-- purchase.
with

as_of as (
    select as_of_date from {{ ref('customer_lifecycle', 'as_of_date') }}
),

identity_map as (
    select * from {{ ref('customer_lifecycle', 'int_identity_map') }}
    where valid_to = {{ end_of_time() }}
),

contacts as (
    select * from {{ ref('customer_lifecycle', 'int_customer_contact_ids') }}
),

claims as (
    select
        sales.*,
        orders.ordered_date,
        orders.customer_key as buyer_customer_key,
        affiliates.customer_key as affiliate_customer_key,
        coalesce(statuses.effect, 'approved') as status_effect,
        case
            when orders.order_id is null then 'void'
            -- when the order was called off as well, that is the day on which the sale was lost
            when statuses.effect = 'rejected' and orders.is_valid then 'rejected'
        end as lost_as
    from {{ ref('customer_lifecycle', 'stg_referral__affiliate_sales') }} as sales
    cross join as_of
    left join {{ ref('customer_lifecycle', 'int_order_amounts') }} as orders
        on sales.brand = orders.brand and sales.order_id = orders.order_id
    left join identity_map as affiliates on sales.affiliate_person_id = affiliates.person_id
    left join {{ seed('affiliate_statuses') }} as statuses
        on {{ spelling_of('sales.status') }} = {{ spelling_of('statuses.status') }}
    where sales.deleted_date is null or sales.deleted_date > as_of.as_of_date
),

buyers as (
    select distinct claims.brand, claims.affiliate_sale_id
    from claims
    left join contacts as affiliate_contacts on claims.affiliate_customer_key = affiliate_contacts.customer_key
    left join contacts as buyer_contacts
        on
            claims.buyer_customer_key = buyer_contacts.customer_key
            and affiliate_contacts.contact_id = buyer_contacts.contact_id
    where claims.affiliate_customer_key = claims.buyer_customer_key or buyer_contacts.contact_id is not null
),

judged as (
    select
        claims.*,
        coalesce(claims.lost_as, case when buyers.affiliate_sale_id is not null then 'self_purchase' end) as no_sale_as
    from claims
    left join buyers on claims.brand = buyers.brand and claims.affiliate_sale_id = buyers.affiliate_sale_id
),

ranked as (
    select
        *,
        row_number() over (
            partition by brand, order_id, no_sale_as is null order by occurred_at, affiliate_sale_id
        ) as claim_number
    from judged
),

int_affiliate_sales as (
    select
        brand,
        affiliate_sale_id,
        affiliate_id,
        order_id,
        coalesce(no_sale_as, case when claim_number = 1 then 'sale' else 'repeated' end) as kind,
        status_effect,
        cast(round(coalesce(commission_amount, 0) * reporting_rate, 2) as decimal(18, 2)) as commission_amount,
        case when ordered_date > occurred_date then ordered_date else occurred_date end as sold_date
    from ranked
)

select * from int_affiliate_sales
