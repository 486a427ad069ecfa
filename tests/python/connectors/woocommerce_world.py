"""The generator's world as WooCommerce would hold it, and as each loader would land it: the mapping of the connector, backwards.

As in ``shopify_world``: ``write`` makes the schemas, ``expected`` says what must come back, ``UNSAYABLE`` why that is not all.
"""

# ruff: noqa: E501
from __future__ import annotations

from collections.abc import Iterator

import duckdb
from stores import in_their_words, write_by_way_of_forms

BRANDS = ("default", "atelier")
LOADERS = ("fivetran", "airbyte", "dlt")
STATUSES = {
    "completed": "completed", "paid": "processing", "shipped": "processing", "delivered": "completed", "pending": "pending",
    "failed": "failed", "cancelled": "cancelled", "refunded": "refunded", "returned": "refunded", "draft": "checkout-draft", "voided": "trash",
}  # fmt: skip
READ_AS = {"checkout-draft": "draft", "trash": "voided"}

UNSAYABLE = {
    "customers": {
        "segment": "roles are rights of staff, not segments",
        "acquisition_source": "WooCommerce does not ask",
        "marketing_consent": "a matter of plugins",
        "is_test": "no such thing",
        "deleted_at": "a deleted account is no longer told",
    },
    "orders": {
        "customer_id": "a sale without a name has no customer",
        "status": "fewer words",
        "subtotal_amount": "before the discounts of lines, too",
        "discount_amount": "with the discounts of lines",
        "total_amount": "a gift card is a means of payment: the total has what it paid",
        "gift_card_amount": "see total_amount",
        "shipping_amount": "no shipping is 0, never unknown",
        "cancelled_at": "no such thing",
        "cart_id": "no such thing",
        "affiliate_id": "a matter of plugins",
        "is_test": "no such thing",
        "deleted_at": "a deleted order is no longer told",
    },
    "order_items": {
        "discount_amount": "with the line's share of the coupon",
        "is_gift_card": "a matter of plugins",
    },
    "refunds": {
        "goods_amount": "these loaders bring no lines for shipping",
        "shipping_amount": "these loaders bring no lines for shipping",
        "tax_amount": "these loaders bring no lines for shipping",
        "loaded_at": "of the order in which they stand",
    },
    "products": {
        "is_gift_card": "a matter of plugins",
        "currency": "that of the shop",
        "deleted_at": "a deleted product is no longer told",
    },
    "touchpoints": {
        "*": "the last visit before an order alone",
        "touchpoint_id": "has no id there",
        "loaded_at": "of the order",
        "anonymous_id": "no such thing",
        "email": "of the order",
        "campaign_id": "no such thing",
        "is_bot": "no such thing",
        "deleted_at": "a deleted order is no longer told",
    },
    "reviews": {
        "*": "a review without an e-mail address is of no customer",
        "customer_id": "of several accounts with one e-mail address, the lowest id",
        "is_user_content": "no such thing",
        "deleted_at": "a deleted review is no longer told",
    },
}
UNSAYABLE_BY_LOADER: dict[str, dict[str, dict[str, str]]] = {
    "fivetran": {"products": {"unit_cost": "not in its tables"}},
    "airbyte": {},
    "dlt": {},
}

NUMBER = "cast(regexp_replace({}, '^[A-Z]+', '') as bigint)"
CUSTOMER = "nullif(customer_id, 'WALK-IN')"
# each line with its price, and its share of the order's discount; the last line has what rounding leaves
LINES = """
    select items.*, quantity * unit_price as subtotal,
        case row_number() over (partition by brand, order_id order by order_item_id desc)
            when 1 then coalesce(order_discount, 0) - coalesce(sum(share) over (
                partition by brand, order_id order by order_item_id rows between unbounded preceding and 1 preceding
            ), 0)
            else share
        end as coupon_share
    from (
        select i.*, o.discount_amount as order_discount, o.loaded_at as order_loaded_at, cast(coalesce(floor(o.discount_amount * i.quantity * i.unit_price * 100
            / nullif(sum(i.quantity * i.unit_price) over (partition by i.brand, i.order_id), 0)) / 100, 0) as decimal(18, 2)) as share
        from contract.order_items as i inner join contract.orders as o using (brand, order_id)
    ) as items
"""
VISITS = """
    select distinct on (o.brand, o.order_id) t.*, o.order_id, o.email as order_email, o.loaded_at as order_loaded_at
    from contract.orders as o
    inner join contract.touchpoints as t on o.brand = t.brand and o.customer_id = t.customer_id and t.occurred_at <= o.ordered_at
    where t.touch_type = 'visit'
    order by o.brand, o.order_id, t.occurred_at desc, t.touchpoint_id
"""
REVIEWS = """
    select r.* replace (first_accounts.customer_id as customer_id), c.email from contract.reviews as r
    inner join contract.customers as c on r.brand = c.brand and r.customer_id = c.customer_id
    inner join (select brand, email, min(customer_id) as customer_id from contract.customers group by all) as first_accounts
        on r.brand = first_accounts.brand and c.email = first_accounts.email
"""
STATUS = in_their_words("status", STATUSES)


def forms() -> Iterator[tuple[str, str]]:
    """WooCommerce's own tables of one brand ($brand), in the words of its REST API; amounts are text there."""
    yield (
        "orders",
        f"""
        with line_discounts as (
            select brand, order_id, sum(discount_amount) as amount from contract.order_items group by all
        )
        select {NUMBER.format("order_id")} as id, 0 as parent_id, {STATUS} as status, currency, ordered_at as date_created_gmt,
            ordered_at + interval 2 hours as date_created, updated_at as date_modified_gmt,
            cast(discount_amount + coalesce(amount, 0) as varchar) as discount_total, cast(coalesce(shipping_amount, 0) as varchar) as shipping_total,
            cast(tax_amount as varchar) as total_tax, cast(total_amount + coalesce(gift_card_amount, 0) as varchar) as total,
            coalesce(cast({CUSTOMER} as bigint), 0) as customer_id, email, sales_channel as created_via, discount_code, loaded_at
        from contract.orders left join line_discounts using (brand, order_id) where brand = $brand
    """,
    )
    yield (
        "line_items",
        f"""
        select {NUMBER.format("order_item_id")} as id, {NUMBER.format("order_id")} as order_id,
            coalesce({NUMBER.format("product_id")}, 0) as product_id, 0 as variation_id, quantity, cast(subtotal as varchar) as subtotal,
            cast(subtotal - coalesce(discount_amount, 0) - coupon_share as varchar) as total, loaded_at
        from ({LINES}) where brand = $brand
    """,
    )
    yield (
        "coupon_lines",
        """
        select 10 * id + n as id, id as order_id, case n when 0 then discount_code else 'A SECOND CODE' end as code, '1.00' as discount
        from form.orders cross join range(2) as codes (n) where discount_code is not null
    """,
    )
    # beside the visit there are other things, and visits of staff
    yield (
        "meta",
        f"""
        with visits as (
            select {NUMBER.format("order_id")} as order_id, occurred_at, utm_source, utm_medium, utm_campaign, referrer, landing_page
            from ({VISITS}) where brand = $brand
        ),
        attributions as (
            select order_id, unnest([
                {{'key': 'source_type', 'value': 'utm'}}, {{'key': 'session_start_time', 'value': strftime(occurred_at, '%Y-%m-%d %H:%M:%S')}},
                {{'key': 'utm_source', 'value': utm_source}}, {{'key': 'utm_medium', 'value': utm_medium}}, {{'key': 'utm_campaign', 'value': utm_campaign}},
                {{'key': 'referrer', 'value': referrer}}, {{'key': 'session_entry', 'value': landing_page}}
            ]) as entry from visits
            union all
            select id, unnest([{{'key': 'source_type', 'value': 'admin'}}, {{'key': 'session_start_time', 'value': '2024-01-01 00:00:00'}}])
            from form.orders where id not in (select order_id from visits)
        )
        select order_id, '_wc_order_attribution_' || entry.key as key, entry.value as value from attributions where entry.value is not null
        union all
        select id, 'coupon_amount', '' from form.orders
    """,
    )
    yield (
        "refunds",
        f"""
        select {NUMBER.format("refund_id")} as id, {NUMBER.format("order_id")} as order_id, refunded_at as date_created_gmt,
            refunded_at + interval 2 hours as date_created, cast(amount as varchar) as amount, reason, loaded_at
        from contract.refunds where brand = $brand
    """,
    )
    yield (
        "products",
        f"""
        select {NUMBER.format("product_id")} as id, name, category, cast(unit_cost as varchar) as cost, loaded_at
        from contract.products where brand = $brand
    """,
    )
    yield (
        "customers",
        """
        select cast(customer_id as bigint) as id, email, first_name, last_name, phone, country_code as country, city,
            created_at as date_created_gmt, updated_at as date_modified_gmt, loaded_at
        from contract.customers where brand = $brand
    """,
    )
    # beside those that are shown there are some that wait
    yield (
        "reviews",
        f"""
        select {NUMBER.format("review_id")} + 1000000000 * n as id, coalesce({NUMBER.format("product_id")}, 0) as product_id,
            case n when 0 then 'approved' else 'hold' end as status, upper(email) as reviewer_email, rating,
            published_at as date_created_gmt, loaded_at
        from ({REVIEWS}) cross join range(2) as noise (n) where brand = $brand
    """,
    )


EXTRACTED = "timezone('UTC', loaded_at) as _airbyte_extracted_at"
LOAD = "cast(epoch(loaded_at) as varchar) as _dlt_load_id"
ISO = "strftime({0}, '%Y-%m-%dT%H:%M:%S') as {0}"
SYNCED = "loaded_at as _fivetran_synced"
SHAPES = {
    # what belongs to an order is synced with it, and its values of metadata are JSON
    "fivetran": {
        "orders": f"""
            select o.* exclude (email, discount_code, loaded_at, date_created_gmt), {ISO.format('date_created_gmt')}, email as billing_email, '' as billing_first_name,
                false as _fivetran_deleted, {SYNCED}
            from form.orders as o
        """,
        "order_line_item": f"""
            select rows.* exclude (loaded_at), '0.00' as subtotal_tax, orders.{SYNCED}
            from form.line_items as rows inner join form.orders as orders on rows.order_id = orders.id
        """,
        "order_coupon_line": f"""
            select rows.*, orders.{SYNCED} from form.coupon_lines as rows inner join form.orders as orders on rows.order_id = orders.id
        """,
        "order_metadata": f"""
            select row_number() over (partition by order_id order by key) as index, order_id, key, to_json(value) as value, orders.{SYNCED}
            from form.meta as rows inner join form.orders as orders on rows.order_id = orders.id
        """,
        "refund": f"""
            select rows.* exclude (loaded_at, date_created_gmt), {ISO.format('rows.date_created_gmt').replace('as rows.', 'as ')}, false as _fivetran_deleted, orders.{SYNCED}
            from form.refunds as rows inner join form.orders as orders on rows.order_id = orders.id
        """,
        "order_refund": f"select order_id, id as refund_id, {SYNCED} from form.refunds",
        "product": f"select id, name, false as _fivetran_deleted, {SYNCED} from form.products",
        # a second category was made later, and one link to a category is no longer there
        "product_category": f"""
            select id as product_id, 10 * rank + n as category_id, n < 0 as _fivetran_deleted, {SYNCED}
            from (select *, dense_rank() over (order by category) as rank from form.products) cross join range(-1, 2) as noise (n)
            where category is not null
        """,
        "category": """
            select distinct 10 * dense_rank() over (order by category) + n as id, case n when 0 then category else 'Another' end as name,
                timestamp '2024-01-01' as _fivetran_synced
            from form.products cross join range(-1, 2) as noise (n) where category is not null
        """,
        "customer": f"""
            select id, email, first_name, last_name, {ISO.format('date_created_gmt')}, {ISO.format('date_modified_gmt')}, phone as billing_phone,
                country as billing_country, city as billing_city, {SYNCED}
            from form.customers
        """,
        "product_review": f"select * exclude (loaded_at), {SYNCED} from form.reviews",
    },
    "airbyte": {
        "orders": f"""
            with lines as (
                select order_id, to_json(list({{'id': id, 'product_id': product_id, 'variation_id': variation_id, 'quantity': quantity,
                    'subtotal': subtotal, 'total': total}})) as line_items
                from form.line_items group by order_id
            ),
            coupons as (
                select order_id, to_json(list({{'id': id, 'code': code, 'discount': discount}} order by id desc)) as coupon_lines
                from form.coupon_lines group by order_id
            ),
            metadata as (
                select order_id, to_json(list({{'key': key, 'value': value}})) as meta_data from form.meta group by order_id
            ),
            order_refunds as (
                select order_id, to_json(list({{'id': id, 'reason': reason, 'total': '-' || amount}})) as refunds
                from form.refunds group by order_id
            )
            select o.* exclude (email, discount_code, loaded_at, date_created_gmt), timezone('UTC', date_created_gmt) as date_created_gmt,
                json_object('first_name', '', 'email', email) as billing, line_items, meta_data, coalesce(coupon_lines, '[]') as coupon_lines,
                coalesce(order_refunds.refunds, '[]') as refunds, {EXTRACTED}
            from form.orders as o left join lines on o.id = lines.order_id left join coupons on o.id = coupons.order_id
            left join order_refunds on o.id = order_refunds.order_id left join metadata on o.id = metadata.order_id
        """,
        "refunds": f"select * exclude (order_id, loaded_at, date_created_gmt), {ISO.format('date_created_gmt')}, {EXTRACTED} from form.refunds",
        "products": f"""
            select id, name, json_array(json_object('id', 1, 'name', category), json_object('id', 2, 'name', 'Another')) as categories,
                json_object('total_value', cost) as cost_of_goods_sold, {EXTRACTED}
            from form.products
        """,
        "customers": f"""
            select id, email, first_name, last_name, {ISO.format('date_created_gmt')}, {ISO.format('date_modified_gmt')},
                json_object('phone', phone, 'country', country, 'city', city) as billing, {EXTRACTED}
            from form.customers
        """,
        "product_reviews": f"select * exclude (loaded_at), {EXTRACTED} from form.reviews",
    },
    "dlt": {
        "_dlt_loads": """
            select distinct cast(epoch(loaded_at) as varchar) as load_id, 'woocommerce' as schema_name, 0 as status,
                timezone('UTC', loaded_at) as inserted_at
            from (select loaded_at from form.orders union select loaded_at from form.products union select loaded_at from form.customers
                union select loaded_at from form.reviews union select loaded_at from form.refunds)
        """,
        "orders": f"""
            select * exclude (email, discount_code, loaded_at), email as billing__email, {LOAD}, 'o' || id as _dlt_id from form.orders
        """,
        "orders__line_items": """
            select * exclude (order_id, loaded_at), 'o' || order_id as _dlt_parent_id, 0 as _dlt_list_idx, 'l' || id as _dlt_id
            from form.line_items
        """,
        "orders__coupon_lines": """
            select * exclude (order_id), 'o' || order_id as _dlt_parent_id, 0 as _dlt_list_idx, 'c' || id as _dlt_id from form.coupon_lines
        """,
        "orders__meta_data": """
            select * exclude (order_id), 'o' || order_id as _dlt_parent_id, 0 as _dlt_list_idx, 'm' || order_id || key as _dlt_id from form.meta
        """,
        "orders__refunds": """
            select id, reason, '-' || amount as total, 'o' || order_id as _dlt_parent_id, 0 as _dlt_list_idx, 'r' || id as _dlt_id
            from form.refunds
        """,
        "refunds": f"""
            select * exclude (order_id, loaded_at), order_id as parent_id, {LOAD}, 'r' || id as _dlt_id from form.refunds
        """,
        "products": f"""
            select id, name, cast(cost as double) as cost_of_goods_sold__total_value, {LOAD}, 'p' || id as _dlt_id from form.products
        """,
        "products__categories": """
            select n as id, case n when 0 then category else 'Another' end as name, 'p' || products.id as _dlt_parent_id, n as _dlt_list_idx
            from form.products cross join range(2) as categories (n)
        """,
        "customers": f"""
            select id, email, first_name, last_name, timezone('UTC', date_created_gmt) as date_created_gmt, date_modified_gmt,
                phone as billing__phone, country as billing__country, city as billing__city, {LOAD}, 'c' || id as _dlt_id
            from form.customers
        """,
        "reviews": f"select * exclude (loaded_at), {LOAD} from form.reviews",
    },
}  # fmt: skip


def write(connection: duckdb.DuckDBPyConnection, loader: str) -> dict[str, str]:
    """Make the schemas of a loader; returns brand -> schema."""
    return write_by_way_of_forms(connection, f"woocommerce_{loader}", BRANDS, forms, SHAPES[loader])


def own(table: str) -> str:
    """The contract's own rows, with the ids as numbers, as WooCommerce has them."""
    ids = {
        "orders": ["order_id"], "order_items": ["order_item_id", "order_id", "product_id"], "refunds": ["refund_id", "order_id"],
        "products": ["product_id"], "reviews": ["review_id", "product_id"],
    }.get(table, [])  # fmt: skip
    replaced = ", ".join(f"cast({NUMBER.format(name)} as varchar) as {name}" for name in ids)
    return f"select * {f'replace ({replaced})' if replaced else ''} from contract.{table}"


def expected(loader: str) -> dict[str, str]:
    """Queries on the contract's tables that give what must come back, by table; the columns that are left out are null."""
    read_as = {ours: READ_AS.get(theirs, theirs) for ours, theirs in STATUSES.items()}
    return {
        "customers": f"""
            select * replace (null as segment, null as acquisition_source, null as marketing_consent, null as is_test, null as deleted_at)
            from ({own('customers')})
        """,
        "orders": f"""
            select o.* replace ({CUSTOMER} as customer_id, {in_their_words("status", read_as)} as status, subtotal_amount + amount as subtotal_amount,
                discount_amount + coalesce(amount, 0) as discount_amount, total_amount + coalesce(gift_card_amount, 0) as total_amount,
                null as gift_card_amount, coalesce(shipping_amount, 0) as shipping_amount, null as cancelled_at, null as cart_id,
                null as affiliate_id, null as is_test, null as deleted_at)
            from ({own('orders')}) as o left join (select brand, cast({NUMBER.format('order_id')} as varchar) as order_id,
                sum(coalesce(discount_amount, 0)) as amount from contract.order_items group by all) using (brand, order_id)
        """,
        "order_items": f"""
            select o.* replace (coalesce(o.discount_amount, 0) + coupon_share as discount_amount, null as is_gift_card, null as deleted_at,
                order_loaded_at as loaded_at)
            from ({own('order_items')}) as o inner join ({LINES}) as l on o.brand = l.brand and o.order_item_id = l.order_item_id
        """,
        "refunds": f"""
            select r.* replace (null as goods_amount, null as shipping_amount, null as tax_amount, o.loaded_at as loaded_at, null as deleted_at)
            from ({own('refunds')}) as r inner join ({own('orders')}) as o using (brand, order_id)
        """,
        "products": f"""
            select * replace (null as is_gift_card, null as currency, null as deleted_at{', null as unit_cost' if loader == 'fivetran' else ''})
            from ({own('products')})
        """,
        "touchpoints": f"""
            select * exclude (order_id, order_email, order_loaded_at) replace (cast('visit-' || {NUMBER.format('order_id')} as varchar) as touchpoint_id,
                null as anonymous_id, order_email as email, null as campaign_id, null as is_bot, order_loaded_at as loaded_at, null as deleted_at)
            from ({VISITS})
            qualify row_number() over (partition by brand, customer_id, order_email, occurred_at order by cast({NUMBER.format('order_id')} as varchar)) = 1
        """,
        "reviews": f"""
            select o.* replace (r.customer_id as customer_id, null as is_user_content, null as deleted_at)
            from ({own('reviews')}) as o inner join ({REVIEWS}) as r
                on o.brand = r.brand and o.review_id = cast({NUMBER.format('r.review_id')} as varchar)
        """,
    }  # fmt: skip
