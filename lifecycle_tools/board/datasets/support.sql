-- Support tickets.
select
    brand, month_date as month, $category as category, sum(ticket_count) as ticket_count, sum(resolved_count) as resolved_count,
    sum(open_count) as open_count, sum(reopened_ticket_count) as reopened_count, bool_and(is_mature) as is_mature
from marts.support_monthly
group by all
