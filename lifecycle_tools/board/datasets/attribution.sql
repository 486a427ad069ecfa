-- Revenue and conversions that each attribution model credits to each channel.
select
    brand, ${currency}month_date as month, $attributed_channel as channel, model,
    sum(conversions) as conversion_count, sum(credited_revenue_amount) as credited_revenue_amount,
    sum(spend_amount) as spend_amount, bool_and(is_mature) as is_mature
from marts.attribution_channels_monthly
group by all
