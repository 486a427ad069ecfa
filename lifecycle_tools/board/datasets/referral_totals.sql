-- Customers who invite, of those who are active.
select
    brand, month_date as month, referrer_count, active_customer_count, invite_count, eligible_invite_count,
    converted_within_90d_count, has_ended as is_mature
from marts.referral_totals_monthly
