{#
    The raw contract, its one home: what each raw table is called, what stands in it, and what makes a row usable.
    Reading, checking, cleaning and the quarantine are all generated from here.

    raw_contract() -> {table: {...}}, each table with
      domain      the folder of its staging models
      keys        the columns that identify a row (with brand, which every table may carry)
      main        the timestamp or date that says when the row happened: it must lie between 1970 and the time of loading,
                  and a row whose main date is after the as-of date is held back. None: the row has no date of its own
      person      the columns that name a person, in the order in which a row belongs to them
      customers   the columns that make the row a test account's when they name one; [] = never
      money       the amount that makes an exchange rate necessary, for tables with a currency
      parent      the table whose row must be usable for this one to be
      columns     {column: [type, properties...]} in order; types: id, text, code (lower case), email, country, currency,
                  timestamp, date, amount, number, count, boolean; properties: required, positive (never below zero)

    Every table may also carry brand, loaded_at and deleted_at.
#}
{% macro raw_contract() %}
    {% set contract = {
        'customers': {
            'domain': 'shop', 'keys': ['customer_id'], 'main': 'created_at',
            'person': {'customer_id': 'customer_id', 'email': 'email'}, 'customers': ['customer_id'],
            'columns': {
                'customer_id': ['id', 'required'], 'email': ['email'], 'phone': ['text'], 'first_name': ['text'],
                'last_name': ['text'], 'created_at': ['timestamp'], 'country_code': ['country'], 'city': ['text'],
                'segment': ['text'], 'acquisition_source': ['text'], 'marketing_consent': ['boolean'],
                'is_test': ['boolean'], 'updated_at': ['timestamp'],
            },
        },
        'orders': {
            'domain': 'shop', 'keys': ['order_id'], 'main': 'ordered_at', 'money': 'total_amount',
            'person': {'customer_id': 'customer_id', 'email': 'email'}, 'customers': ['customer_id'],
            'columns': {
                'order_id': ['id', 'required'], 'customer_id': ['id'], 'email': ['email'],
                'ordered_at': ['timestamp', 'required'], 'status': ['code'], 'currency': ['currency'],
                'subtotal_amount': ['amount', 'positive'], 'discount_amount': ['amount', 'positive'],
                'shipping_amount': ['amount', 'positive'], 'tax_amount': ['amount', 'positive'],
                'total_amount': ['amount', 'required', 'positive'], 'cancelled_at': ['timestamp'], 'cart_id': ['id'],
                'discount_code': ['text'], 'affiliate_id': ['id'], 'sales_channel': ['text'], 'is_test': ['boolean'],
                'updated_at': ['timestamp'],
            },
        },
        'order_items': {
            'domain': 'shop', 'keys': ['order_item_id'], 'main': none, 'parent': 'orders', 'customers': [],
            'columns': {
                'order_item_id': ['id', 'required'], 'order_id': ['id', 'required'], 'product_id': ['id'],
                'quantity': ['number'], 'unit_price': ['amount'], 'discount_amount': ['amount', 'positive'],
            },
        },
        'refunds': {
            'domain': 'shop', 'keys': ['refund_id'], 'main': 'refunded_at', 'parent': 'orders', 'customers': [],
            'columns': {
                'refund_id': ['id', 'required'], 'order_id': ['id', 'required'],
                'refunded_at': ['timestamp', 'required'], 'amount': ['amount', 'required', 'positive'],
                'reason': ['text'],
            },
        },
        'products': {
            'domain': 'shop', 'keys': ['product_id'], 'main': none, 'money': 'unit_cost', 'customers': [],
            'columns': {
                'product_id': ['id', 'required'], 'name': ['text'], 'category': ['text'],
                'unit_cost': ['amount', 'positive'], 'currency': ['currency'],
            },
        },
        'carts': {
            'domain': 'shop', 'keys': ['cart_id'], 'main': 'created_at', 'money': 'value_amount',
            'person': {'customer_id': 'customer_id', 'anonymous_id': 'anonymous_id'}, 'customers': ['customer_id'],
            'columns': {
                'cart_id': ['id', 'required'], 'customer_id': ['id'], 'anonymous_id': ['id'],
                'created_at': ['timestamp', 'required'], 'updated_at': ['timestamp'], 'last_step': ['code'],
                'value_amount': ['amount', 'positive'], 'currency': ['currency'], 'order_id': ['id'],
            },
        },
        'subscriptions': {
            'domain': 'billing', 'keys': ['subscription_id'], 'main': ['trial_started_at', 'started_at'],
            'money': 'monthly_amount', 'person': {'customer_id': 'customer_id'}, 'customers': ['customer_id'],
            'columns': {
                'subscription_id': ['id', 'required'], 'customer_id': ['id', 'required'], 'plan': ['text'],
                'trial_started_at': ['timestamp'], 'trial_ended_at': ['timestamp'], 'started_at': ['timestamp'],
                'ended_at': ['timestamp'], 'cancelled_at': ['timestamp'], 'cancel_reason': ['text'],
                'is_involuntary': ['boolean'], 'monthly_amount': ['amount', 'positive'], 'currency': ['currency'],
            },
        },
        'campaigns': {
            'domain': 'marketing', 'keys': ['campaign_id'], 'main': none, 'customers': [],
            'columns': {
                'campaign_id': ['id', 'required'], 'name': ['text'], 'channel': ['text'], 'platform': ['text'],
                'objective': ['text'], 'started_at': ['timestamp'], 'ended_at': ['timestamp'],
                'parent_campaign_id': ['id'],
            },
        },
        'ad_performance': {
            'domain': 'marketing', 'keys': ['date', 'campaign_id'], 'main': 'date', 'money': 'spend_amount',
            'customers': [],
            'columns': {
                'date': ['date', 'required'], 'campaign_id': ['id', 'required'], 'platform': ['text'],
                'impressions': ['count', 'positive'], 'clicks': ['count', 'positive'], 'spend_amount': ['amount'],
                'currency': ['currency'], 'platform_conversions': ['number', 'positive'],
            },
        },
        'touchpoints': {
            'domain': 'marketing', 'keys': ['touchpoint_id'], 'main': 'occurred_at',
            'person': {'customer_id': 'customer_id', 'anonymous_id': 'anonymous_id', 'email': 'email'},
            'customers': ['customer_id'],
            'columns': {
                'touchpoint_id': ['id', 'required'], 'occurred_at': ['timestamp', 'required'], 'customer_id': ['id'],
                'anonymous_id': ['id'], 'email': ['email'], 'touch_type': ['code'], 'utm_source': ['text'],
                'utm_medium': ['text'], 'utm_campaign': ['text'], 'campaign_id': ['id'], 'referrer': ['text'],
                'landing_page': ['text'], 'is_bot': ['boolean'],
            },
        },
        'engagements': {
            'domain': 'marketing', 'keys': ['engagement_id'], 'main': 'occurred_at',
            'person': {'customer_id': 'customer_id', 'anonymous_id': 'anonymous_id', 'email': 'email'},
            'customers': ['customer_id'],
            'columns': {
                'engagement_id': ['id', 'required'], 'occurred_at': ['timestamp', 'required'], 'customer_id': ['id'],
                'anonymous_id': ['id'], 'email': ['email'], 'engagement_type': ['code'], 'channel': ['text'],
                'campaign_id': ['id'],
            },
        },
        'social_daily': {
            'domain': 'marketing', 'keys': ['date', 'platform'], 'main': 'date', 'customers': [],
            'columns': {
                'date': ['date', 'required'], 'platform': ['text', 'required'], 'is_paid': ['boolean'],
                'impressions': ['count', 'positive'], 'followers_total': ['count', 'positive'], 'likes': ['count'],
                'comments': ['count'], 'shares': ['count'], 'mentions': ['count'],
            },
        },
        'podcast_daily': {
            'domain': 'marketing', 'keys': ['date', 'platform', 'episode_id'], 'main': 'date', 'customers': [],
            'columns': {
                'date': ['date', 'required'], 'platform': ['text', 'required'], 'episode_id': ['id', 'required'],
                'listeners': ['count', 'positive'], 'downloads': ['count', 'positive'],
            },
        },
        'survey_responses': {
            'domain': 'feedback', 'keys': ['response_id'], 'main': 'responded_at',
            'person': {'customer_id': 'customer_id', 'email': 'email'}, 'customers': ['customer_id'],
            'columns': {
                'response_id': ['id', 'required'], 'responded_at': ['timestamp', 'required'], 'customer_id': ['id'],
                'email': ['email'], 'survey_type': ['code'], 'score': ['number'], 'scale_max': ['number'],
                'touchpoint': ['text'], 'reason': ['text'], 'comment': ['text'],
            },
        },
        'support_tickets': {
            'domain': 'feedback', 'keys': ['ticket_id'], 'main': 'created_at',
            'person': {'customer_id': 'customer_id', 'email': 'email'}, 'customers': ['customer_id'],
            'columns': {
                'ticket_id': ['id', 'required'], 'created_at': ['timestamp', 'required'], 'customer_id': ['id'],
                'email': ['email'], 'category': ['text'], 'first_response_at': ['timestamp'],
                'resolved_at': ['timestamp'], 'reopened_count': ['count', 'positive'],
            },
        },
        'referrals': {
            'domain': 'referral', 'keys': ['referral_id'], 'main': 'invited_at', 'money': 'reward_amount',
            'person': {'customer_id': 'referrer_customer_id'}, 'customers': ['referrer_customer_id'],
            'columns': {
                'referral_id': ['id', 'required'], 'referrer_customer_id': ['id', 'required'], 'program': ['text'],
                'invited_at': ['timestamp', 'required'], 'invite_channel': ['text'], 'code': ['text'],
                'referred_email': ['email'], 'referred_customer_id': ['id'], 'accepted_at': ['timestamp'],
                'reward_amount': ['amount', 'positive'], 'currency': ['currency'],
            },
        },
        'affiliate_sales': {
            'domain': 'referral', 'keys': ['affiliate_sale_id'], 'main': 'occurred_at', 'money': 'commission_amount',
            'parent': 'orders', 'person': {'customer_id': 'affiliate_customer_id'},
            'customers': ['affiliate_customer_id'],
            'columns': {
                'affiliate_sale_id': ['id', 'required'], 'affiliate_id': ['id', 'required'],
                'order_id': ['id', 'required'], 'occurred_at': ['timestamp', 'required'],
                'commission_amount': ['amount', 'positive'], 'currency': ['currency'], 'status': ['code'],
                'affiliate_customer_id': ['id'],
            },
        },
        'reviews': {
            'domain': 'feedback', 'keys': ['review_id'], 'main': 'published_at',
            'person': {'customer_id': 'customer_id'}, 'customers': ['customer_id'],
            'columns': {
                'review_id': ['id', 'required'], 'customer_id': ['id', 'required'], 'product_id': ['id'],
                'rating': ['number'], 'published_at': ['timestamp', 'required'], 'is_user_content': ['boolean'],
            },
        },
        'identity_links': {
            'domain': 'identity', 'keys': ['link_id'], 'main': 'linked_at', 'customers': ['absorbed_customer_id'],
            'columns': {
                'link_id': ['id', 'required'], 'linked_at': ['timestamp', 'required'],
                'id_type': ['code', 'required'], 'id_value': ['id', 'required'], 'customer_id': ['id', 'required'],
            },
        },
        'erasure_requests': {
            'domain': 'identity', 'keys': ['request_id'], 'main': 'requested_at',
            'person': {'customer_id': 'customer_id', 'email': 'email'}, 'customers': [],
            'columns': {
                'request_id': ['id', 'required'], 'requested_at': ['timestamp', 'required'], 'customer_id': ['id'],
                'email': ['email'],
            },
        },
    } %}
    {{ return(contract) }}
{% endmacro %}


{#
    raw_table_columns('refunds') -> the columns of one table with those every table may carry:
    {'brand': ['text'], 'refund_id': ['id', 'required'], ..., 'loaded_at': ['timestamp'], 'deleted_at': ['timestamp']}
#}
{% macro raw_table_columns(table) %}
    {% set columns = {'brand': ['id']} %}
    {% do columns.update(customer_lifecycle.raw_contract()[table].columns) %}
    {% do columns.update({'loaded_at': ['timestamp'], 'deleted_at': ['timestamp']}) %}
    {{ return(columns) }}
{% endmacro %}


{# base_model('orders') -> 'base_shop__orders'; base_model('orders', 'stg') -> 'stg_shop__orders' #}
{% macro base_model(table, layer='base') %}
    {{ return(layer ~ '_' ~ customer_lifecycle.raw_contract()[table].domain ~ '__' ~ table) }}
{% endmacro %}
