"""The raw contract as data: which columns each table has, of which kind, and what identifies a row.

Kinds: ``s`` text, ``t`` timestamp (UTC), ``d`` date, ``m`` money (decimal with two places), ``i`` integer,
``f`` floating point, ``b`` boolean.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

ARROW_TYPES = {
    "s": pa.string(),
    "t": pa.timestamp("us"),
    "d": pa.date32(),
    "m": pa.decimal128(18, 2),
    "i": pa.int64(),
    "f": pa.float64(),
    "b": pa.bool_(),
}


@dataclass(frozen=True)
class RawTable:
    """One table: ``columns`` name -> kind in file order, ``key``, other ``required`` columns, ``main`` timestamp."""

    columns: dict[str, str]
    key: tuple[str, ...]
    required: tuple[str, ...] = ()
    main: str | None = None

    @property
    def schema(self) -> pa.Schema:
        """The Arrow schema of the table."""
        return pa.schema([(name, ARROW_TYPES[kind]) for name, kind in self.columns.items()])


def _table(key: str, columns: str, required: str = "", main: str | None = None) -> RawTable:
    """Build a table from ``name:kind`` words; ``brand`` comes first, ``loaded_at`` and ``deleted_at`` last."""
    words = ["brand:s", *columns.split(), "loaded_at:t", "deleted_at:t"]
    return RawTable(dict(word.split(":") for word in words), tuple(key.split()), tuple(required.split()), main)


TABLES: dict[str, RawTable] = {
    "customers": _table(
        "customer_id",
        "customer_id:s email:s phone:s first_name:s last_name:s created_at:t country_code:s city:s segment:s "
        "acquisition_source:s marketing_consent:b is_test:b updated_at:t",
        main="created_at",
    ),
    "orders": _table(
        "order_id",
        "order_id:s customer_id:s email:s ordered_at:t status:s currency:s subtotal_amount:m discount_amount:m "
        "shipping_amount:m tax_amount:m total_amount:m gift_card_amount:m cancelled_at:t cart_id:s discount_code:s "
        "affiliate_id:s sales_channel:s is_test:b updated_at:t",
        "ordered_at total_amount",
        "ordered_at",
    ),
    "order_items": _table(
        "order_item_id",
        "order_item_id:s order_id:s product_id:s quantity:i unit_price:m discount_amount:m is_gift_card:b",
        "order_id",
    ),
    "refunds": _table(
        "refund_id",
        "refund_id:s order_id:s refunded_at:t amount:m goods_amount:m shipping_amount:m tax_amount:m reason:s",
        "order_id refunded_at amount",
        "refunded_at",
    ),
    "products": _table("product_id", "product_id:s name:s category:s is_gift_card:b unit_cost:m currency:s"),
    "carts": _table(
        "cart_id",
        "cart_id:s customer_id:s anonymous_id:s created_at:t updated_at:t last_step:s value_amount:m currency:s "
        "order_id:s is_bot:b",
        "created_at",
        "created_at",
    ),
    "subscriptions": _table(
        "subscription_id",
        "subscription_id:s customer_id:s plan:s status:s trial_started_at:t trial_ended_at:t started_at:t ended_at:t "
        "cancelled_at:t cancel_reason:s is_involuntary:b monthly_amount:m currency:s updated_at:t",
        "customer_id",
    ),
    "campaigns": _table(
        "campaign_id",
        "campaign_id:s name:s channel:s platform:s objective:s started_at:t ended_at:t parent_campaign_id:s",
    ),
    "ad_performance": _table(
        "date campaign_id",
        "date:d campaign_id:s platform:s impressions:i clicks:i spend_amount:m currency:s platform_conversions:i",
    ),
    "touchpoints": _table(
        "touchpoint_id",
        "touchpoint_id:s occurred_at:t customer_id:s anonymous_id:s email:s touch_type:s utm_source:s utm_medium:s "
        "utm_campaign:s campaign_id:s referrer:s landing_page:s is_bot:b",
        "occurred_at",
        "occurred_at",
    ),
    "engagements": _table(
        "engagement_id",
        "engagement_id:s occurred_at:t customer_id:s anonymous_id:s email:s engagement_type:s channel:s campaign_id:s "
        "is_bot:b",
        "occurred_at",
        "occurred_at",
    ),
    "messages": _table(
        "message_id",
        "message_id:s sent_at:t customer_id:s held_out:b audience:s campaign_id:s channel:s cost_amount:m currency:s",
        "sent_at customer_id held_out",
        "sent_at",
    ),
    "social_daily": _table(
        "date platform",
        "date:d platform:s is_paid:b impressions:i followers_total:i likes:i comments:i shares:i mentions:i",
    ),
    "podcast_daily": _table(
        "date platform episode_id",
        "date:d platform:s episode_id:s listeners:i downloads:i",
    ),
    "survey_responses": _table(
        "response_id",
        "response_id:s responded_at:t customer_id:s email:s survey_type:s score:i scale_max:i touchpoint:s reason:s "
        "comment:s",
        "responded_at",
        "responded_at",
    ),
    "support_tickets": _table(
        "ticket_id",
        "ticket_id:s created_at:t customer_id:s email:s category:s first_response_at:t resolved_at:t reopened_count:i",
        "created_at",
        "created_at",
    ),
    "referrals": _table(
        "referral_id",
        "referral_id:s referrer_customer_id:s program:s invited_at:t invite_channel:s code:s referred_email:s "
        "referred_customer_id:s accepted_at:t reward_amount:m currency:s",
        "referrer_customer_id invited_at",
        "invited_at",
    ),
    "affiliate_sales": _table(
        "affiliate_sale_id",
        "affiliate_sale_id:s affiliate_id:s order_id:s occurred_at:t commission_amount:m currency:s status:s "
        "affiliate_customer_id:s",
        "affiliate_id order_id occurred_at",
        "occurred_at",
    ),
    "reviews": _table(
        "review_id",
        "review_id:s customer_id:s product_id:s rating:i published_at:t is_user_content:b",
        "published_at",
        "published_at",
    ),
    "identity_links": _table(
        "link_id",
        "link_id:s linked_at:t id_type:s id_value:s customer_id:s",
        "linked_at id_value customer_id",
        "linked_at",
    ),
    "erasure_requests": _table(
        "request_id",
        "request_id:s requested_at:t customer_id:s email:s",
        "requested_at",
        "requested_at",
    ),
}
