{# The column where it holds a pseudonym of one of the kinds, else null. #}
{% macro pseudonym(column, kinds) %}
    case when {{ column }} ~ '^({{ kinds | join('|') }})_[a-z2-7]{26}$' then {{ column }} end
{%- endmacro %}
