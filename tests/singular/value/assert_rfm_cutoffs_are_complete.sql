-- Every brand of the seed has the five scores, the default among them, and a higher score asks for more than the one
-- below it: otherwise a score could not be reached, or could not be left.
with

cutoffs as (
    select * from {{ seed('rfm_cutoffs') }}
),

steps as (
    select
        higher.brand,
        higher.score
    from cutoffs as higher
    inner join cutoffs as lower_one on higher.brand = lower_one.brand and higher.score = lower_one.score + 1
    where
        higher.maximum_recency_days is null
        or higher.minimum_frequency is null
        or higher.minimum_monetary_amount is null
        or higher.maximum_recency_days >= lower_one.maximum_recency_days
        or higher.minimum_frequency <= lower_one.minimum_frequency
        or higher.minimum_monetary_amount <= lower_one.minimum_monetary_amount
),

brands as (
    select 'default' as brand
    {{ union_distinct() }}
    select brand from cutoffs
),

incomplete as (
    select
        brands.brand,
        count(cutoffs.score) as score
    from brands
    left join cutoffs on brands.brand = cutoffs.brand
    group by brands.brand
    having count(cutoffs.score) <> 5
)

select
    brand,
    score
from steps

union all

select
    brand,
    score
from incomplete
