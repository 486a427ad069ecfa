{# Currencies, as a column of their own or written in an amount: '$12.50', '12,50 EUR'. #}

{# Signs of currencies: those that one may mean, the first one where nothing else says which. '' -> none of them without more. #}
{% macro money_signs() %}
    {{ return({
        '€': ['EUR'], 'EURO': ['EUR'], 'EUROS': ['EUR'], 'US$': ['USD'], 'USD$': ['USD'], '$USD': ['USD'], 'A$': ['AUD'], 'AU$': ['AUD'],
        '€EUR': ['EUR'], '£GBP': ['GBP'], '$CAD': ['CAD'], '$AUD': ['AUD'], 'C$': ['CAD'], 'CA$': ['CAD'], 'NZ$': ['NZD'], 'HK$': ['HKD'], 'S$': ['SGD'], 'NT$': ['TWD'], 'MX$': ['MXN'], 'R$': ['BRL'],
        '$': ['USD', 'AUD', 'CAD', 'NZD', 'HKD', 'SGD', 'TWD', 'MXN', 'ARS', 'CLP', 'COP', 'UYU', 'BSD', 'BBD', 'BZD', 'FJD', 'JMD', 'TTD'],
        '£': ['GBP', 'GIP', 'FKP', 'SHP', 'EGP', 'LBP'], '¥': ['JPY', 'CNY'], '￥': ['JPY', 'CNY'], '円': ['JPY'], '元': ['CNY'],
        'KR': ['', 'SEK', 'NOK', 'DKK', 'ISK'], 'ZŁ': ['PLN'], 'KČ': ['CZK'], 'FT': ['HUF'], 'LEI': ['RON'], 'SFR': ['CHF'], '₹': ['INR'],
        '₽': ['RUB'], '₺': ['TRY'], '₩': ['KRW'], '₪': ['ILS'], '฿': ['THB'], '₫': ['VND'], '₴': ['UAH'], '₦': ['NGN'], '₱': ['PHP'],
    }) }}
{% endmacro %}
{# What is written beside the number in a text, in capitals: '12,50 usd' -> 'USD', '12,50' -> ''; null where that is no sign and no code of
   ISO 4217. The search is in one text, as a pattern of all of them takes long to prepare. #}
{% macro money_sign(text) -%}
    {%- set sign = "upper(replace(" ~ customer_lifecycle.remove_pattern(text, "[-+()0-9.,' ]") ~ ", 'GBp', 'GBX'))" -%}
    {%- set codes -%}
        AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP CNY COP CRC
        CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD
        JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD
        NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP
        SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWG
    {%- endset -%}
    case when {{ sign }} = '' then '' when {{ dbt.position("' ' || " ~ sign ~ " || ' '", "' " ~ ((customer_lifecycle.money_signs() | list) + codes.split()) | join(' ') ~ " '") }} > 0 then {{ sign }} end
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
   reporting currency. What is no code of three letters stays as it is; a sign has at most five; 'GBp' is pence, GBX. Call: clean_currency('orders', raw) #}
{% macro clean_currency(table, raw) -%}
    {%- set written = [] -%}
    {%- for column in customer_lifecycle.marked_amounts(table, raw) -%}
        {%- do written.append(customer_lifecycle.code_of_sign('nullif(' ~ column.sign ~ ", '')")) -%}
    {%- endfor -%}
    {%- if raw.currency -%}
        {%- do written.insert(0, 'case when length(' ~ raw.currency.as_text ~ ') > 5 then upper(' ~ customer_lifecycle.clean_text(raw.currency) ~ ') else '
            ~ customer_lifecycle.code_of_sign("upper(replace(" ~ raw.currency.as_text ~ ", 'GBp', 'GBX'))") ~ ' end') -%}
    {%- endif -%}
    coalesce({{ written | join(', ') ~ ', ' if written }}'{{ customer_lifecycle.setting('reporting_currency') | upper }}')
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
    case {{ column.sign }}
        when '' then false
        {%- for name, codes in customer_lifecycle.money_signs().items() %} when '{{ name }}' then {{ currency }} not in ('{{ ([name] + codes) | join("', '") }}'){% endfor %}
        else {{ column.sign }} <> {{ currency }}
    end
{%- endmacro %}
