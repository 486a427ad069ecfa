{# Columns of raw tables that the contract does not know, and what was meant by them. #}

{# unread_columns('orders') -> {'tax': 'tax_amount', 'is_bot': 'in touchpoints', 'note': ''}: the column of the contract that is meant, or the
   tables that have one of that name; nothing of a table that a model presents. Columns that the table has already are not meant, and a name that begins with _ is a tool's own. #}
{% macro unread_columns(table, found=none) %}
    {% if table in customer_lifecycle.raw_models() %}{{ return({}) }}{% endif %}
    {% set found, contract = found or customer_lifecycle.found_columns(table), customer_lifecycle.raw_contract() %}
    {% set unread = {} %}
    {% for name in found if name not in contract[table].columns and not name.startswith('_') %}
        {% set said = namespace(text='') %}
        {% for column in contract[table].columns if column not in found and not said.text and customer_lifecycle.may_mean(name, column) %}
            {% set said.text = column %}
        {% endfor %}
        {% set elsewhere = [] %}
        {% for other in contract if name in contract[other].columns %}{% do elsewhere.append(other) %}{% endfor %}
        {% do unread.update({name: said.text or ('in ' ~ elsewhere | join(', ') if elsewhere else '')}) %}
    {% endfor %}
    {{ return(unread) }}
{% endmacro %}
{# may_mean('shipping_cost', 'shipping_amount') -> true: by a list of other words, else without what a name ends in, but for one slip of the pen #}
{% macro may_mean(name, column) %}
    {% set others = {
        'tax_amount': ['vat', 'sales_tax', 'gst'], 'shipping_amount': ['freight', 'delivery', 'postage'], 'discount_amount': ['rebate'],
        'cancelled_at': ['cancellation', 'cancel', 'voided'], 'created_at': ['signup', 'sign_up', 'registered', 'registration', 'joined', 'signed_up'],
        'updated_at': ['modified', 'last_modified', 'changed', 'last_updated'], 'loaded_at': ['ingested', 'extracted', 'synced', 'imported'],
        'deleted_at': ['removed'], 'ended_at': ['end', 'expired', 'expires'], 'started_at': ['start'], 'country_code': ['nation'],
        'marketing_consent': ['consent', 'accepts_marketing', 'opt_in', 'optin', 'newsletter', 'email_consent', 'subscribed'],
        'discount_code': ['coupon', 'promo', 'promotion', 'voucher'], 'customer_id': ['client', 'user', 'buyer', 'account', 'shopper'],
        'email': ['mail', 'e_mail', 'email_address'], 'phone': ['telephone', 'mobile', 'tel', 'phone_number'], 'last_name': ['surname', 'family'],
        'first_name': ['given', 'forename'], 'status': ['state', 'order_status', 'financial_status'], 'quantity': ['qty', 'pieces'],
        'unit_price': ['item_price', 'price'], 'unit_cost': ['cogs', 'cost'], 'product_id': ['sku', 'article', 'item'], 'spend_amount': ['cost', 'costs'],
        'is_bot': ['robot', 'crawler'], 'anonymous_id': ['visitor', 'cookie', 'device'], 'acquisition_source': ['source', 'lead_source'],
        'sales_channel': ['channel'], 'monthly_amount': ['mrr', 'monthly_price'], 'plan': ['plan_name', 'tier'], 'landing_page': ['page', 'url', 'landing'],
        'first_response_at': ['first_reply'], 'resolved_at': ['closed', 'solved'],
    } %}
    {% set ends = '(_(amount|amt|at|on|date|time|timestamp|id|code|cost|costs|price|fee))+$' %}
    {% set stem, meant = modules.re.sub(ends, '', name), modules.re.sub(ends, '', column) %}
    {% set bare = modules.re.sub('^(is|total|order|customer)_', '', stem) %}
    {{ return(name in others.get(column, []) or stem in others.get(column, []) or bare == modules.re.sub('^is_', '', meant) and meant | length > 2
        or customer_lifecycle.is_one_slip(name, column) or (stem | length > 4 and customer_lifecycle.is_one_slip(stem, meant))) }}
{% endmacro %}
{# is_one_slip('canceled', 'cancelled') -> true: is one the other with a letter missing, doubled, changed or two swapped, or with other underscores? #}
{% macro is_one_slip(one, other) %}
    {% set one, other = one | replace('_', ''), other | replace('_', '') %}
    {% if one == other %}{{ return(true) }}{% endif %}
    {% if one | length < 4 or (one | length - other | length) | abs > 1 %}{{ return(false) }}{% endif %}
    {% set same = namespace(start=0, end=0) %}
    {% for letter in one %}{% if loop.index0 == same.start and other[loop.index0:loop.index] == letter %}{% set same.start = loop.index %}{% endif %}{% endfor %}
    {% for letter in one[::-1] %}{% if loop.index0 == same.end and other[::-1][loop.index0:loop.index] == letter %}{% set same.end = loop.index %}{% endif %}{% endfor %}
    {% set longer = [one | length, other | length] | max %}
    {% set swapped = one | length == other | length and same.start + same.end == longer - 2 and one[same.start] == other[same.start + 1] and one[same.start + 1] == other[same.start] %}
    {{ return(same.start + same.end >= longer - 1 or swapped) }}
{% endmacro %}
