-- Active customers: who came, came back and left.
select
    brand, month_date as month, opening_active as opening_count, "new" as new_count, reactivated as reactivated_count,
    -churned as churned_count, merged_net - reversed as corrected_count, closing_active as closing_count, is_mature
from marts.growth_accounting_monthly
