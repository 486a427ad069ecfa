-- The money in rejected rows, in the currency in which they came.
select brand, entity, rejection_reason, currency, row_count, readable_count, amount
from publish_rejected_amounts
