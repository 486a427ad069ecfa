{# How often a price is due: once per piece, or where it is for several pieces at once, per lot of that many, begun lots in full or not at
   all. priced_pieces('subscription_items.quantity') -> a number; beside it stands `prices`, which is stripe__prices #}
{% macro priced_pieces(quantity) -%}
    case
        when prices.pieces_at_once is null then coalesce({{ quantity }}, 1)
        when prices.pieces_rounded = 'up' then -floor(-coalesce({{ quantity }}, 1) / prices.pieces_at_once)
        else floor(coalesce({{ quantity }}, 1) / prices.pieces_at_once)
    end
{%- endmacro %}
