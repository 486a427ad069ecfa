{# Currencies, as a column of their own or written in an amount: '$12.50', '12,50 EUR'. #}

{# Signs of currencies: those that one may mean, the first one where nothing else says which. '' -> none of them without more. #}
{% macro money_signs() %}
    {{ return({
        '€': ['EUR'], 'EURO': ['EUR'], 'EUROS': ['EUR'], 'US$': ['USD'], 'USD$': ['USD'], 'A$': ['AUD'], 'AU$': ['AUD'], 'C$': ['CAD'],
        'CA$': ['CAD'], 'NZ$': ['NZD'], 'HK$': ['HKD'], 'S$': ['SGD'], 'NT$': ['TWD'], 'MX$': ['MXN'], 'R$': ['BRL'],
        '$': ['USD', 'AUD', 'CAD', 'NZD', 'HKD', 'SGD', 'TWD', 'MXN', 'ARS', 'CLP', 'COP', 'UYU', 'BSD', 'BBD', 'BZD', 'FJD', 'JMD', 'TTD'],
        '£': ['GBP', 'GIP', 'FKP', 'SHP', 'EGP', 'LBP'], '¥': ['JPY', 'CNY'], '￥': ['JPY', 'CNY'], '円': ['JPY'], '元': ['CNY'],
        'KR': ['', 'SEK', 'NOK', 'DKK', 'ISK'], 'ZŁ': ['PLN'], 'KČ': ['CZK'], 'FT': ['HUF'], 'LEI': ['RON'], 'SFR': ['CHF'], '₹': ['INR'],
        '₽': ['RUB'], '₺': ['TRY'], '₩': ['KRW'], '₪': ['ILS'], '฿': ['THB'], '₫': ['VND'], '₴': ['UAH'], '₦': ['NGN'], '₱': ['PHP'],
    }) }}
{% endmacro %}
{# What may stand beside a number as its currency: nothing, a sign, or a code of ISO 4217 #}
{% macro money_signs_pattern() -%}
    ^({{ (customer_lifecycle.money_signs() | join('|')).replace('$', '[$]') }}|AED|AFN|ALL|AMD|ANG|AOA|ARS|AUD|AWG|AZN|BAM|BBD|BDT|BGN|BHD|BIF|BMD|BND|BOB|BRL|BSD|BTN|BWP|BYN|BZD|CAD|CDF|CHF|CLP|CNY|COP|CRC|CUP|CVE|CZK|DJF|DKK|DOP|DZD|EGP|ERN|ETB|EUR|FJD|FKP|GBP|GEL|GHS|GIP|GMD|GNF|GTQ|GYD|HKD|HNL|HTG|HUF|IDR|ILS|INR|IQD|IRR|ISK|JMD|JOD|JPY|KES|KGS|KHR|KMF|KPW|KRW|KWD|KYD|KZT|LAK|LBP|LKR|LRD|LSL|LYD|MAD|MDL|MGA|MKD|MMK|MNT|MOP|MRU|MUR|MVR|MWK|MXN|MYR|MZN|NAD|NGN|NIO|NOK|NPR|NZD|OMR|PAB|PEN|PGK|PHP|PKR|PLN|PYG|QAR|RON|RSD|RUB|RWF|SAR|SBD|SCR|SDG|SEK|SGD|SHP|SLE|SOS|SRD|SSP|STN|SVC|SYP|SZL|THB|TJS|TMT|TND|TOP|TRY|TTD|TWD|TZS|UAH|UGX|USD|UYU|UZS|VES|VND|VUV|WST|XAF|XCD|XOF|XPF|YER|ZAR|ZMW|ZWG)?$
{%- endmacro %}
{# '12,50 usd' -> 'USD', '12,50' -> '': what is written beside a number #}
{% macro money_sign(column) -%}
    upper({{ customer_lifecycle.remove_pattern(customer_lifecycle.plain_signs(column), "[-+()0-9.,' ]") }})
{%- endmacro %}
{# A sign in capitals as a code: '$' -> 'USD', or the reporting currency where that is a dollar; what is no sign stays as it is #}
{% macro code_of_sign(sign) -%}
    {%- set reporting = customer_lifecycle.setting('reporting_currency') | upper -%}
    case {{ sign }}
        {%- for name, codes in customer_lifecycle.money_signs().items() %}{% set code = reporting if reporting in codes else codes[0] %}{% if code %} when '{{ name }}' then '{{ code }}'{% endif %}{% endfor %}
        else {{ sign }}
    end
{%- endmacro %}
{# The currency of a row: 'eur', '€' -> 'EUR'. Without one, the currency that is written in the first of the row's amounts, else the
   reporting currency. What is no code of three letters stays as it is. Call: clean_currency('orders', raw) #}
{% macro clean_currency(table, raw) -%}
    {%- set written = [] -%}
    {%- for column in customer_lifecycle.marked_amounts(table, raw) -%}
        {%- do written.append(customer_lifecycle.code_of_sign(customer_lifecycle.readable_sign(column))) -%}
    {%- endfor -%}
    coalesce({{ ([customer_lifecycle.code_of_sign('upper(' ~ customer_lifecycle.clean_text(raw.currency) ~ ')')] + written) | join(', ') }}, '{{ customer_lifecycle.setting('reporting_currency') | upper }}')
{%- endmacro %}
{# readable_sign(raw.total_amount) -> what is written beside an amount where it can be the currency, else null #}
{% macro readable_sign(column) -%}
    {%- set sign = customer_lifecycle.money_sign(column) -%}
    case when {{ customer_lifecycle.matches_pattern(sign, customer_lifecycle.money_signs_pattern()) }} then nullif({{ sign }}, '') end
{%- endmacro %}
{# marked_amounts('orders', raw) -> the columns with amounts in which more than a number may be written #}
{% macro marked_amounts(table, raw) %}
    {% set columns = [] %}
    {% for name, column in customer_lifecycle.raw_table(table).columns.items() if column.type == 'amount' and raw.get(name, {}).has_marks %}
        {% do columns.append(raw[name]) %}
    {% endfor %}
    {{ return(columns) }}
{% endmacro %}
{# contradicts_currency(raw.total_amount, 'currency') -> is another currency written in the amount? '$' goes with every dollar. #}
{% macro contradicts_currency(column, currency) -%}
    {%- set sign = customer_lifecycle.readable_sign(column) -%}
    {%- set reporting = customer_lifecycle.setting('reporting_currency') | upper -%}
    case {{ sign }}
        {%- for name, codes in customer_lifecycle.money_signs().items() %} when '{{ name }}' then {{ currency }} not in ('{{ ([name] + codes) | join("', '") }}'){% endfor %}
        else {{ sign }} <> {{ currency }}
    end
{%- endmacro %}
