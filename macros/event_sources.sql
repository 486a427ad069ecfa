{# The registry of event sources: the tables whose rows name a person. Every model that reads "all events" is made from this list, which dbt
   has to know while it parses; check_event_sources() compares it with the raw contract before each build.
   event_sources() -> [{...}, ...], each with
     table, folder   the raw table; its models are base_<folder>__<table> and stg_<folder>__<table>
     key, person     the column that identifies a row in its brand, and those that name a person, as in the raw contract
     person_id       the staging column with the id of that person, where it is not person_id
     date            the staging column with the date of the event: one of the contract's, or main_date
     event_type      the column that says what happened, or one type for all rows in quotes: the seed event_types has the class of each
     event_class     the class of the types that the seed does not have: touchpoint, engagement, or none for tables that show no interest
     only_if         the condition without which a row is no event #}
{% macro event_sources() %}
    {% set sources = [
        {'table': 'customers', 'folder': 'shop', 'key': 'customer_id', 'person': ['customer_id', 'email'],
         'date': 'created_date', 'event_type': "'profile_created'", 'event_class': 'none'},
        {'table': 'orders', 'folder': 'shop', 'key': 'order_id', 'person': ['customer_id', 'email'],
         'date': 'ordered_date', 'event_type': "'order_placed'", 'event_class': 'engagement', 'only_if': 'is_engagement'},
        {'table': 'carts', 'folder': 'shop', 'key': 'cart_id', 'person': ['customer_id', 'anonymous_id'],
         'date': 'created_date', 'event_type': "'cart_created'", 'event_class': 'engagement',
         'only_if': '(value_amount is null or value_amount > 0)'},
        {'table': 'subscriptions', 'folder': 'billing', 'key': 'subscription_id', 'person': ['customer_id'],
         'date': 'main_date', 'event_class': 'engagement', 'only_if': 'trial_started_date is not null or started_date is null',
         'event_type': "case when trial_started_date is null then 'checkout_started' else 'trial_started' end"},
        {'table': 'touchpoints', 'folder': 'marketing', 'key': 'touchpoint_id', 'person': ['customer_id', 'anonymous_id', 'email'],
         'date': 'occurred_date', 'event_type': 'touch_type', 'event_class': 'touchpoint'},
        {'table': 'engagements', 'folder': 'marketing', 'key': 'engagement_id', 'person': ['customer_id', 'anonymous_id', 'email'],
         'date': 'occurred_date', 'event_type': 'engagement_type', 'event_class': 'touchpoint'},
        {'table': 'survey_responses', 'folder': 'feedback', 'key': 'response_id', 'person': ['customer_id', 'email'],
         'date': 'responded_date', 'event_type': "'survey_answered'", 'event_class': 'engagement'},
        {'table': 'support_tickets', 'folder': 'feedback', 'key': 'ticket_id', 'person': ['customer_id', 'email'],
         'date': 'created_date', 'event_type': "'ticket_opened'", 'event_class': 'none'},
        {'table': 'reviews', 'folder': 'feedback', 'key': 'review_id', 'person': ['customer_id'],
         'date': 'published_date', 'event_type': "'review_published'", 'event_class': 'engagement'},
        {'table': 'referrals', 'folder': 'referral', 'key': 'referral_id', 'person': ['referrer_customer_id'],
         'person_id': 'referrer_person_id', 'date': 'invited_date', 'event_type': "'friend_invited'", 'event_class': 'none'},
        {'table': 'affiliate_sales', 'folder': 'referral', 'key': 'affiliate_sale_id', 'person': ['affiliate_customer_id'],
         'person_id': 'affiliate_person_id', 'date': 'occurred_date', 'event_type': "'sale_made'", 'event_class': 'none'},
    ] %}
    {{ return(sources) }}
{% endmacro %}
{# check_event_sources() stops the build when the registry and the raw contract differ, or a model of an event source is not described #}
{% macro check_event_sources() %}
    {% for source in (customer_lifecycle.event_sources() if execute else []) %}
        {% set contract = customer_lifecycle.raw_table(source.table) %}
        {% set said = {
            'key': [[source.key], contract.key], 'person': [source.person, (contract.person or {}).values() | list],
            'date': [[source.date[:-5] ~ '_at'], [source.date[:-5] ~ '_at'] | select('in', contract.columns.keys() | list + ['main_at']) | list],
        } %}
        {% for what, values in said.items() if values[0] != values[1] %}
            {% do customer_lifecycle.stop_build("event_sources() in macros/event_sources.sql has another " ~ what ~ " for " ~ source.table
                ~ " than models/base/_raw__sources.yml: " ~ values[0] | join(', ') ~ ", not " ~ (values[1] | join(', ') or 'any') ~ ".") %}
        {% endfor %}
        {% for layer, folder, file in [['base', 'base', '__base_models.yml'], ['stg', 'staging', '__models.yml']] %}
            {% set model = customer_lifecycle.base_model(source.table, layer) %}
            {% set described = graph.nodes.get('model.customer_lifecycle.' ~ model, {}) %}
            {% if not (described.description and described.columns) %}
                {% do customer_lifecycle.stop_build("The model " ~ model ~ " is not described: add it with its columns to models/"
                    ~ folder ~ "/" ~ source.folder ~ "/_" ~ source.folder ~ file ~ ".") %}
            {% endif %}
        {% endfor %}
    {% endfor %}
    {#- links, requests and our own messages name persons, too, and are no events -#}
    {% set known = customer_lifecycle.event_sources() | map(attribute='table') | list + ['identity_links', 'erasure_requests', 'messages'] %}
    {% for table, contract in (customer_lifecycle.raw_contract() if execute else {}).items() if contract.person and table not in known %}
        {% do customer_lifecycle.stop_build("The rows of " ~ table ~ " name a person (models/base/_raw__sources.yml), but event_sources() "
            ~ "in macros/event_sources.sql does not have the table.") %}
    {% endfor %}
{% endmacro %}
