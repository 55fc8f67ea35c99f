{# The calendar day in which a moment falls for people in Türkiye. #}
{% macro istanbul_day(moment) -%}
    (({{ moment }}) at time zone 'Europe/Istanbul')::date
{%- endmacro %}
