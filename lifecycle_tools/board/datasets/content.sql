-- What customers publish about the brand.
select brand, month_date as month, published_count, user_content_count, rated_review_count, positive_review_count, is_mature
from marts.user_content_monthly
