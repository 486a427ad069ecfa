"""The generator's world as Shopify would hold it, and as each loader would land it: the mapping of the connector, backwards.

``write(connection, loader)`` makes one schema per brand from the contract tables in the schema ``contract``;
``expected(loader)`` says, as queries on these tables, what must come back. What differs
    from the contract's own rows is what Shopify cannot say,
and stands in ``UNSAYABLE``, a reason each; a test compares the two.
"""

# ruff: noqa: E501
from __future__ import annotations

from collections.abc import Iterator

import duckdb
from stores import in_their_words, write_by_way_of_forms

BRANDS = ("default", "atelier")
LOADERS = ("fivetran_rest", "fivetran_graphql", "airbyte", "dlt")
STATUSES = {
    "completed": "paid", "paid": "paid", "shipped": "paid", "delivered": "paid", "pending": "pending", "voided": "voided",
    "cancelled": "refunded", "refunded": "refunded", "returned": "refunded",
}  # fmt: skip

# table -> column -> why the vendor, or this loader, does not say what the generator does. "*": rows that are not there at all.
UNSAYABLE = {
    "customers": {
        "segment": "tags may stand for segments, but which ones a shop alone knows",
        "acquisition_source": "Shopify does not ask",
        "is_test": "orders are marked as tests, customers are not",
        "deleted_at": "gone since the load that found it gone",
    },
    "orders": {
        "*": "failed payments and drafts are no orders there",
        "customer_id": "a sale at the till without a name has no customer",
        "status": "the state of the payment, not of the delivery",
        "subtotal_amount": "before the discounts of lines, too",
        "discount_amount": "with the discounts of lines",
        "total_amount": "a gift card is a means of payment: the total has what it paid",
        "gift_card_amount": "see total_amount",
        "affiliate_id": "no such thing",
        "shipping_amount": "no line of shipping is no shipping, never an unknown amount",
        "deleted_at": "gone since the load that found it gone",
    },
    "order_items": {"*": "lines of orders that are not there", "is_gift_card": "true or false, never unknown"},
    "refunds": {
        "goods_amount": "a payment does not say what it is for",
        "shipping_amount": "a payment does not say what it is for",
        "tax_amount": "a payment does not say what it is for",
    },
    "products": {
        "is_gift_card": "stands at the line of an order, not at the product",
        "currency": "of the cost: none where there is no cost",
    },
    "carts": {
        "*": "only checkouts that were begun, of customers",
        "anonymous_id": "a checkout knows the customer",
        "last_step": "begun or finished, no more",
        "order_id": "the order of the same token, whether or not the shop linked the two",
        "is_bot": "no such thing",
    },
    "engagements": {
        "*": "the last yes or no to mailings alone",
        "engagement_id": "has no id there",
        "loaded_at": "of the customer",
        "anonymous_id": "no such thing",
        "email": "stands at the customer",
        "channel": "always email",
        "campaign_id": "no such thing",
        "is_bot": "no such thing",
    },
    "touchpoints": {
        "*": "visits that led to an order alone",
        "anonymous_id": "no such thing",
        "campaign_id": "no such thing",
        "is_bot": "no such thing",
    },
}
UNSAYABLE_BY_LOADER = {
    "fivetran_rest": {"touchpoints": {"*": "in the GraphQL API alone"}},
    "fivetran_graphql": {
        "orders": {"cart_id": "in the REST API alone"},
        "carts": {"cart_id": "the id of the checkout", "order_id": "in the REST API alone"},
    },
    "airbyte": {"touchpoints": {"*": "not in this stream"}},
    "dlt": {
        "touchpoints": {"*": "not in this source"},
        "carts": {"*": "not in this source"},
        "products": {"unit_cost": "not in this source", "currency": "not in this source"},
        "refunds": {"loaded_at": "of the order in which they stand"},
    },
}

NUMBER = "cast(regexp_replace({}, '^[A-Z]+', '') as bigint)"
ORDERS_THERE = "select * from contract.orders where status is null or status not in ('failed', 'draft')"
LAST_CONSENT = """
    select distinct on (e.brand, e.customer_id) e.*
    from contract.engagements as e
    inner join contract.customers as c using (brand, customer_id)
    where e.engagement_type in ('newsletter_subscribed', 'newsletter_unsubscribed')
        and c.marketing_consent = (e.engagement_type = 'newsletter_subscribed')
        and e.occurred_at <= c.loaded_at
    order by e.brand, e.customer_id, e.occurred_at desc, e.engagement_id
"""
VISITS = f"""
    select t.*, o.order_id, o.email as order_email,
        row_number() over (partition by t.brand, t.touchpoint_id order by o.order_id) as place
    from contract.touchpoints as t
    inner join ({ORDERS_THERE}) as o on t.brand = o.brand and t.customer_id = o.customer_id and t.occurred_at <= o.ordered_at
    where t.touch_type = 'visit'
"""
CHECKOUTS = "select * from contract.carts where customer_id is not null and last_step <> 'cart'"
STATUS = in_their_words("status", STATUSES)


def forms() -> Iterator[tuple[str, str]]:
    """Shopify's own tables of one brand ($brand), in the words of its REST API."""
    yield (
        "orders",
        f"""
        with line_discounts as (
            select brand, order_id, sum(discount_amount) as amount from contract.order_items group by all
        )
        select {NUMBER.format("order_id")} as id, try_cast(customer_id as bigint) as customer_id, email,
            cast(timestamp '2026-01-01' as timestamp) as created_at, ordered_at as processed_at, updated_at, cancelled_at,
            {STATUS} as financial_status, currency, subtotal_amount + coalesce(amount, 0) as total_line_items_price,
            subtotal_amount + coalesce(amount, 0) is not null as has_lines, discount_amount + coalesce(amount, 0)
                as total_discounts,
            total_amount + coalesce(gift_card_amount, 0) as total_price, cart_id as cart_token,
            -- of every third order prices have their tax in them, every fifth was paid in another currency, every seventh with a tip
            id % 3 = 0 as taxes_included, case when id % 5 = 0 and currency <> 'CHF' then 'CHF' else currency end
                as presentment_currency,
            total_price * case when id % 5 = 0 and currency <> 'CHF' then 2 else 1 end as presentment_total,
            case when id % 7 = 0 and tax_amount >= 0.5 then 0.5 else 0 end as total_tip_received, tax_amount - total_tip_received
                as total_tax,
            discount_code, sales_channel as source_name, is_test as test, shipping_amount, loaded_at, deleted_at
        from ({ORDERS_THERE}) left join line_discounts using (brand, order_id) where brand = $brand
    """,
    )
    yield (
        "order_lines",
        f"""
        select cast(order_item_id as bigint) as id, {NUMBER.format("order_id")} as order_id,
            {NUMBER.format("product_id")} as product_id, {NUMBER.format("product_id")} + 500000 as variant_id, quantity,
                unit_price as price,
            discount_amount as total_discount, coalesce(is_gift_card, false) as gift_card, loaded_at
        from contract.order_items where brand = $brand and order_id in (select order_id from ({ORDERS_THERE})
            where brand = $brand)
    """,
    )
    yield (
        "shipping_lines",
        """
        with taxed as (select *, cast(shipping_amount * 0.2 as decimal(18, 2)) as tax from form.orders where shipping_amount > 0)
        select id * 10 as id, id as order_id, shipping_amount + 1 + case when taxes_included then tax else 0 end as price,
            shipping_amount + case when taxes_included then tax else 0 end as discounted_price, tax, loaded_at
        from taxed
    """,
    )
    yield (
        "shipping_taxes",
        """
        select id as order_shipping_line_id, order_id, n as index, case n when 0 then 0.01 else tax - 0.01 end as price, loaded_at
        from form.shipping_lines cross join range(2) as taxes (n)
    """,
    )
    yield (
        "discount_codes",
        """
        select id as order_id, 0 as index, discount_code as code, loaded_at from form.orders where discount_code is not null
        union all
        select id, 1, 'A SECOND CODE', loaded_at from form.orders where discount_code is not null
    """,
    )
    # beside refunds there are sales, and refunds that did not succeed
    yield (
        "transactions",
        f"""
        select {NUMBER.format("refund_id")} + 1000000000 * n as id, {NUMBER.format("order_id")} as order_id,
            {NUMBER.format("refund_id")} as refund_id,
            case n when 2 then 'sale' else 'refund' end as kind, case n when 1 then 'failure' else 'success' end as status,
            amount as shop_amount, amount * coalesce(o.presentment_total / nullif(o.total_price, 0), 1) as amount, o.presentment_currency as currency,
            refunded_at as created_at, cast(null as timestamp) as processed_at, r.loaded_at
        from contract.refunds as r left join form.orders as o on o.id = {NUMBER.format("r.order_id")}
        cross join range(3) as noise (n) where brand = $brand
    """,
    )
    yield (
        "refunds",
        f"""
        select {NUMBER.format("refund_id")} as id, {NUMBER.format("order_id")} as order_id, refunded_at as created_at,
            reason as note, loaded_at
        from contract.refunds where brand = $brand
    """,
    )
    yield (
        "products",
        f"""
        select {NUMBER.format("product_id")} as id, name as title, category as product_type, loaded_at, deleted_at
        from contract.products where brand = $brand
    """,
    )
    yield (
        "variants",
        """
        select id + 500000 as id, id as product_id, 'One size' as title, id + 900000 as inventory_item_id, loaded_at
            from form.products
    """,
    )
    yield (
        "inventory_items",
        f"""
        select {NUMBER.format("product_id")} + 900000 as id, unit_cost, case when unit_cost is not null then currency end
            as currency, loaded_at
        from contract.products where brand = $brand
    """,
    )
    yield (
        "customers",
        f"""
        select cast(c.customer_id as bigint) as id, c.email, c.phone, c.first_name, c.last_name, c.created_at, c.updated_at,
            c.country_code, c.city, case when c.marketing_consent then 'SUBSCRIBED' else 'UNSUBSCRIBED' end as consent,
            c.marketing_consent, e.occurred_at as consent_updated_at, c.loaded_at, c.deleted_at
        from contract.customers as c left join ({LAST_CONSENT}) as e using (brand, customer_id) where c.brand = $brand
    """,
    )
    yield (
        "checkouts",
        f"""
        select {NUMBER.format("cart_id")} as id, cart_id as cart_token, cast(customer_id as bigint) as customer_id,
            created_at, updated_at,
            case when last_step = 'confirmation' then updated_at end as completed_at, value_amount
                as total_line_items_price, currency, loaded_at
        from ({CHECKOUTS}) where brand = $brand
    """,
    )
    yield (
        "visits",
        f"""
        select touchpoint_id as id, {NUMBER.format("order_id")} as order_id, occurred_at, landing_page, referrer
            as referrer_url,
            utm_source, utm_medium, utm_campaign, loaded_at
        from ({VISITS}) where brand = $brand
    """,
    )


SYNCED = "loaded_at as _fivetran_synced"
CONSENT = "case when marketing_consent is not null then consent end"
MONEY = """json_object('shop_money', json_object('amount', cast(total_price as varchar), 'currency_code', currency),
                    'presentment_money', json_object('amount', cast(presentment_total as varchar), 'currency_code', presentment_currency)) as total_price_set"""
SHAPES = {
    "fivetran_rest": {
        "order": f"""
            select * exclude (has_lines, discount_code, shipping_amount, loaded_at, deleted_at, presentment_total), {MONEY},
                deleted_at is not null as _fivetran_deleted, {SYNCED} from form.orders
        """,
        "order_line": f"select * exclude (loaded_at), {SYNCED} from form.order_lines",
        "order_shipping_line": f"select * exclude (loaded_at, tax), {SYNCED} from form.shipping_lines",
        "order_shipping_tax_line": f"select * exclude (loaded_at, order_id), {SYNCED} from form.shipping_taxes",
        "order_discount_code": f"select * exclude (loaded_at), {SYNCED} from form.discount_codes",
        "transaction": f"select * exclude (loaded_at, shop_amount), {SYNCED} from form.transactions",
        "refund": f"select * exclude (loaded_at), {SYNCED} from form.refunds",
        "product": f"""
            select * exclude (loaded_at, deleted_at), deleted_at is not null as _fivetran_deleted, {SYNCED} from form.products
        """,
        "product_variant": f"select * exclude (loaded_at), {SYNCED} from form.variants",
        "inventory_item": f"""
            select id, unit_cost as unit_cost_amount, currency as unit_cost_currency_code, {SYNCED} from form.inventory_items
        """,
        "customer": f"""
            select id, email, phone, first_name, last_name, created_at, updated_at, marketing_consent as accepts_marketing,
                case when consent_updated_at is not null then lower({CONSENT}) end as email_marketing_consent_state,
                consent_updated_at as email_marketing_consent_consent_updated_at, deleted_at is not null
                    as _fivetran_deleted, {SYNCED}
            from form.customers
        """,
        "customer_address": f"""
            select id as customer_id, 2 * id + n as id, country_code, case n when 0 then city else 'Elsewhere' end as city,
                n = 0 as is_default, {SYNCED}
            from form.customers cross join range(2) as addresses (n)
        """,
        "abandoned_checkout": f"select * exclude (loaded_at), {SYNCED} from form.checkouts",
    },
    "fivetran_graphql": {
        "order": f"""
            select id, customer_id, email, created_at, processed_at, updated_at, cancelled_at, upper(financial_status)
                as display_financial_status,
                currency as currency_code, presentment_currency as presentment_currency_code, presentment_total
                    as total_price_set_pres_amount, total_price as total_price_set_shop_amount, taxes_included,
                total_tip_received as total_tip_received_set_shop_amount,
                total_discounts as total_discounts_set_shop_amount, total_tax as total_tax_set_shop_amount, 9.99
                    as total_shipping_price_set_shop_amount,
                source_name, test, deleted_at is not null as _fivetran_deleted, {SYNCED}
            from form.orders
        """,
        "order_line": f"""
            select id, order_id, product_id, variant_id, quantity, price * quantity * 2 as original_total_set_pres_amount,
                price * quantity as original_total_set_shop_amount, total_discount as total_discount_set_shop_amount,
                    gift_card as is_gift_card, {SYNCED}
            from form.order_lines
        """,
        "order_shipping_line": f"""
            select id, order_id, price as original_price_set_shop_amount, discounted_price
                as discounted_price_set_shop_amount, false as is_removed, {SYNCED}
            from form.shipping_lines
            union all
            select id + 1, order_id, 5, 5, true, loaded_at from form.shipping_lines
        """,
        "order_shipping_tax_line": f"""
            select order_shipping_line_id, index, price as price_set_shop_amount, price * 2 as price_set_pres_amount, {SYNCED}
            from form.shipping_taxes
            union all
            select order_shipping_line_id + 1, 0, 1, 2, loaded_at from form.shipping_taxes
        """,
        "order_discount_code": f"select * exclude (loaded_at), {SYNCED} from form.discount_codes",
        "transaction": """
            select t.* exclude (loaded_at, amount, shop_amount, currency, kind, status), upper(kind) as kind, upper(status) as status,
                shop_amount as amount_set_shop_amount, o.currency as amount_set_shop_currency_code,
                amount as amount_set_pres_amount, t.currency as amount_set_pres_currency_code, t.loaded_at as _fivetran_synced
            from form.transactions as t left join form.orders as o on t.order_id = o.id
        """,
        "refund": f"select * exclude (loaded_at), {SYNCED} from form.refunds",
        "product": f"""
            select * exclude (loaded_at, deleted_at), deleted_at is not null as _fivetran_deleted, {SYNCED} from form.products
        """,
        "product_variant": f"select * exclude (loaded_at), {SYNCED} from form.variants",
        "inventory_item": f"""
            select id, unit_cost as unit_cost_amount, currency as unit_cost_currency_code, {SYNCED} from form.inventory_items
        """,
        "customer": f"""
            select id, email, phone, first_name, last_name, created_at, updated_at, {CONSENT} as email_marketing_consent_state,
                consent_updated_at as email_marketing_consent_updated_at, deleted_at is not null as _fivetran_deleted, {SYNCED}
            from form.customers
        """,
        "customer_address": f"""
            select id as customer_id, id, country_code, city, true as is_default, {SYNCED} from form.customers
        """,
        "abandoned_checkout": f"""
            select id, customer_id, created_at, updated_at, completed_at, total_line_items_price
                as total_line_items_price_set_shop_amount,
                currency as total_price_set_shop_currency_code, {SYNCED}
            from form.checkouts
        """,
        "customer_visit": f"""
            select id, order_id, occurred_at, landing_page, referrer_url, utm_source as utm_parameters_source, utm_medium
                as utm_parameters_medium,
                utm_campaign as utm_parameters_campaign, {SYNCED}
            from form.visits
        """,
    },
    # times in UTC, and within JSON as the shop writes them, with its own offset; amounts within JSON as text
    "airbyte": {
        "orders": f"""
            with lines as (
                select order_id, to_json(list({{'id': id, 'product_id': product_id, 'variant_id': variant_id, 'quantity': quantity,
                    'price': cast(price as varchar), 'total_discount': cast(total_discount as varchar),
                        'gift_card': gift_card}})) as line_items
                from form.order_lines group by order_id
            ),
            shipping as (
                select l.order_id, to_json(list({{'id': id, 'price': cast(price as varchar), 'discounted_price': cast(discounted_price as varchar), 'tax_lines': tax_lines}})) as shipping_lines
                from form.shipping_lines as l
                inner join (select order_id, list({{'title': 'VAT', 'price': cast(price as varchar)}}) as tax_lines from form.shipping_taxes group by order_id) as taxes
                    on l.order_id = taxes.order_id
                group by l.order_id
            ),
            codes as (
                select order_id, to_json(list({{'code': code, 'amount': '1.00'}} order by index)) as discount_codes
                    from form.discount_codes group by order_id
            )
            select o.* exclude (customer_id, has_lines, discount_code, shipping_amount, loaded_at, presentment_total), {MONEY},
                case when customer_id is not null then json_object('id', customer_id) end as customer, line_items,
                coalesce(shipping_lines, '[]') as shipping_lines, coalesce(discount_codes, '[]') as discount_codes,
                timezone('UTC', loaded_at) as _airbyte_extracted_at
            from form.orders as o left join lines on o.id = lines.order_id left join shipping on o.id = shipping.order_id
            left join codes on o.id = codes.order_id
        """,
        "order_refunds": """
            with payments as (
                select refund_id, to_json(list({'id': id, 'order_id': order_id, 'kind': kind, 'status': status, 'amount': cast(amount as varchar), 'currency': currency,
                    'created_at': strftime(created_at + interval 2 hours, '%Y-%m-%dT%H:%M:%S+02:00'),
                        'processed_at': null})) as transactions
                from form.transactions group by refund_id
            )
            select id, order_id, timezone('UTC', created_at) as created_at, note, transactions, timezone('UTC',
                loaded_at) as _airbyte_extracted_at
            from form.refunds left join payments on refunds.id = payments.refund_id
        """,
        "products": "select * exclude (loaded_at), timezone('UTC', loaded_at) as _airbyte_extracted_at from form.products",
        "product_variants": """
            select * exclude (loaded_at), timezone('UTC', loaded_at) as _airbyte_extracted_at from form.variants
        """,
        "inventory_items": """
            select id, cast(unit_cost as double) as cost, currency as currency_code, timezone('UTC', loaded_at)
                as _airbyte_extracted_at from form.inventory_items
        """,
        "customers": f"""
            select id, email, phone, first_name, last_name, timezone('UTC', created_at) as created_at, timezone('UTC',
                updated_at) as updated_at,
                json_object('country_code', country_code, 'city', city) as default_address,
                json_object('state', lower({CONSENT}), 'consent_updated_at', strftime(consent_updated_at,
                    '%Y-%m-%dT%H:%M:%SZ')) as email_marketing_consent,
                timezone('UTC', loaded_at) as _airbyte_extracted_at
            from form.customers
        """,
        "abandoned_checkouts": """
            select * exclude (customer_id, loaded_at), json_object('id', customer_id) as customer, timezone('UTC',
                loaded_at) as _airbyte_extracted_at
            from form.checkouts
        """,
    },
    "dlt": {
        "_dlt_loads": """
            select distinct cast(epoch(loaded_at) as varchar) as load_id, 'shopify' as schema_name, 0 as status,
                timezone('UTC', loaded_at) as inserted_at
            from (select loaded_at from form.orders union select loaded_at from form.products union select loaded_at
                from form.customers)
        """,
        "orders": """
            select * exclude (customer_id, has_lines, discount_code, shipping_amount, processed_at, loaded_at, deleted_at, presentment_total),
                customer_id as customer__id, presentment_total as total_price_set__presentment_money__amount,
                timezone('UTC', processed_at) as processed_at, cast(epoch(loaded_at) as varchar) as _dlt_load_id,
                    'o' || id as _dlt_id
            from form.orders
        """,
        "orders__line_items": """
            select * exclude (order_id, loaded_at), 'o' || order_id as _dlt_parent_id, 0 as _dlt_list_idx, 'l' || id
                as _dlt_id from form.order_lines
        """,
        "orders__shipping_lines": """
            select * exclude (order_id, loaded_at, tax), 'o' || order_id as _dlt_parent_id, 0 as _dlt_list_idx, 's' || id
                as _dlt_id from form.shipping_lines
        """,
        "orders__shipping_lines__tax_lines": """
            select price, 's' || order_shipping_line_id as _dlt_parent_id, index as _dlt_list_idx, 't' || order_id || index as _dlt_id
            from form.shipping_taxes
        """,
        "orders__discount_codes": """
            select code, 'o' || order_id as _dlt_parent_id, index as _dlt_list_idx, 'c' || order_id as _dlt_id
                from form.discount_codes
        """,
        "orders__refunds": """
            select id, note, order_id, created_at, 'o' || order_id as _dlt_parent_id, 0 as _dlt_list_idx, 'r' || id
                as _dlt_id from form.refunds
        """,
        "orders__refunds__transactions": """
            select * exclude (refund_id, processed_at, loaded_at, shop_amount), 'r' || refund_id as _dlt_parent_id, 0 as _dlt_list_idx,
                't' || id as _dlt_id from form.transactions
        """,
        "products": """
            select * exclude (loaded_at, deleted_at), cast(epoch(loaded_at) as varchar) as _dlt_load_id, 'p' || id
                as _dlt_id from form.products
        """,
        "products__variants": """
            select * exclude (product_id, loaded_at), 'p' || product_id as _dlt_parent_id, 0 as _dlt_list_idx, 'v' || id
                as _dlt_id from form.variants
        """,
        "customers": f"""
            select id, email, phone, first_name, last_name, timezone('UTC', created_at) as created_at, updated_at,
                country_code as default_address__country_code, city as default_address__city, lower({CONSENT})
                    as email_marketing_consent__state,
                consent_updated_at as email_marketing_consent__consent_updated_at, cast(epoch(loaded_at) as varchar)
                    as _dlt_load_id, 'c' || id as _dlt_id
            from form.customers
        """,
    },
}  # fmt: skip


def write(connection: duckdb.DuckDBPyConnection, loader: str) -> dict[str, str]:
    """Make the schemas of a loader; returns brand -> schema."""
    return write_by_way_of_forms(connection, f"shopify_{loader}", BRANDS, forms, SHAPES[loader])


def expected(loader: str) -> dict[str, str]:
    """Queries on the contract's tables that give what must come back, by table; the columns that are left out are null."""
    is_graphql, has_airbyte, is_dlt = loader == "fivetran_graphql", loader == "airbyte", loader == "dlt"
    deleted = "loaded_at" if loader.startswith("fivetran") else "deleted_at"
    gone = f"case when deleted_at is not null then {deleted} end" if not is_dlt else "cast(null as timestamp)"
    order_id = f"cast({NUMBER.format('order_id')} as varchar)"
    queries = {
        "customers": f"""
            select * replace (null as segment, null as acquisition_source, null as is_test,
                {gone if not has_airbyte else 'null'} as deleted_at) from contract.customers
        """,
        "orders": f"""
            select o.* replace ({order_id} as order_id, nullif(customer_id, 'WALK-IN') as customer_id, {STATUS} as status,
                subtotal_amount + coalesce(amount, 0) as subtotal_amount, discount_amount + coalesce(amount, 0)
                    as discount_amount,
                total_amount + coalesce(gift_card_amount, 0) as total_amount, null as gift_card_amount, null as affiliate_id,
                coalesce(shipping_amount, 0) as shipping_amount,
                {'null' if is_graphql else 'cart_id'} as cart_id, {gone} as deleted_at)
            from ({ORDERS_THERE}) as o
            left join (select brand, order_id, sum(discount_amount) as amount
                from contract.order_items group by all) using (brand, order_id)
        """,
        "order_items": f"""
            select * replace ({order_id} as order_id, cast({NUMBER.format('product_id')} as varchar) as product_id,
                coalesce(is_gift_card, false) as is_gift_card, null as deleted_at)
            from contract.order_items where (brand, order_id) in (select (brand, order_id) from ({ORDERS_THERE}))
        """,
        "refunds": f"""
            select r.* replace (cast({NUMBER.format('refund_id')} as varchar) as refund_id,
                cast({NUMBER.format('r.order_id')} as varchar) as order_id,
                null as goods_amount, null as shipping_amount, null as tax_amount, {'o' if is_dlt else 'r'}.loaded_at
                    as loaded_at, null as deleted_at)
            from contract.refunds as r inner join contract.orders as o using (brand, order_id)
        """,
        "products": f"""
            select * replace (cast({NUMBER.format('product_id')} as varchar) as product_id, null as is_gift_card,
                {'null' if is_dlt else 'unit_cost'} as unit_cost,
                    {'null' if is_dlt else 'case when unit_cost is not null then currency end'} as currency,
                {gone} as deleted_at)
            from contract.products
        """,
        "carts": f"""
            select * replace ({f"cast({NUMBER.format('cart_id')} as varchar)" if is_graphql else 'cart_id'} as cart_id,
                null as anonymous_id, null as is_bot,
                case last_step when 'confirmation' then last_step else 'checkout' end as last_step, null as deleted_at,
                {'null' if is_graphql else "(select cast(" + NUMBER.format('min(o.order_id)') + f" as varchar) from ({ORDERS_THERE}) as o where o.brand = c.brand and o.cart_id = c.cart_id)"} as order_id)
            from ({CHECKOUTS}) as c {'where false' if is_dlt else ''}
        """,
        "engagements": f"""
            select e.* replace ('consent-' || customer_id as engagement_id, null as anonymous_id, null as email, 'email'
                as channel, null as campaign_id,
                null as is_bot, c.loaded_at as loaded_at,
                    {gone.replace('deleted_at', 'c.deleted_at').replace('loaded_at', 'c.loaded_at') if not has_airbyte else 'null'} as deleted_at)
            from ({LAST_CONSENT}) as e inner join contract.customers as c using (brand, customer_id)
        """,
        "touchpoints": f"""
            select * exclude (order_id, order_email, place) replace (null as anonymous_id, order_email as email, null
                as campaign_id, null as is_bot,
                null as deleted_at)
            from ({VISITS}) where place = 1 {'' if is_graphql else 'and false'}
        """,
    }  # fmt: skip
    return queries
