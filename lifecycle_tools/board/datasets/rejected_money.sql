-- The money in rejected rows, in the currency in which they came.
select
    brand, entity, rejection_reason, $received_currency as currency, sum(row_count) as row_count,
    sum(readable_count) as readable_count, sum(amount) as amount
from publish_rejected_amounts
group by all
