{#
  dbt's own tests compare rows of all tenants with each other. These stay inside a tenant and inside the batch, and each
  selects `tenant_id` alone: hub/models/dbt.py counts by it, and no value can leave. A failing test is a finding about tenants,
  so it only warns and withholds no mart.
#}
{% test unique_in_tenant(model, columns) %}
    {{ config(severity="warn") }}
    select judged.tenant_id
    from ({{ batch_rows(model) }}) as judged
    group by judged.tenant_id, {% for column in columns %}judged.{{ column }}{{ ", " if not loop.last }}{% endfor %}
    having count(*) > 1
{% endtest %}


{% test present(model, column_name) %}
    {{ config(severity="warn") }}
    select judged.tenant_id from ({{ batch_rows(model) }}) as judged where judged.{{ column_name }} is null
{% endtest %}


{% test one_of(model, column_name, values) %}
    {{ config(severity="warn") }}
    select judged.tenant_id
    from ({{ batch_rows(model) }}) as judged
    where judged.{{ column_name }} not in (
        {%- for value in values %}'{{ value }}'{{ ", " if not loop.last }}{% endfor -%}
    )
{% endtest %}


{# Rows whose `columns` name no row of `to` in the same tenant. Rows with a missing part name nothing and pass. #}
{% test refers_to(model, columns, to, fields=none) %}
    {{ config(severity="warn") }}
    {%- set fields = fields or columns %}
    select judged.tenant_id
    from ({{ batch_rows(model) }}) as judged
    where {% for column in columns %}judged.{{ column }} is not null and {% endfor %}not exists (
        select from {{ to }} as named
        where named.tenant_id = judged.tenant_id
        {%- for column in columns %} and named.{{ fields[loop.index0] }} = judged.{{ column }}{% endfor %}
    )
{% endtest %}


{# A rule about one row: rows for which the expression is not true. #}
{% test holds(model, expression) %}
    {{ config(severity="warn") }}
    select judged.tenant_id from ({{ batch_rows(model) }}) as judged where ({{ expression }}) is not true
{% endtest %}


{# Two marts tell the same sum: one finding for each group in which they do not. #}
{% test same_sum(model, of, by, to, to_of, to_by=none, where="true", to_where="true") %}
    {{ config(severity="warn") }}
    {%- set to_by = to_by or by %}
    with here as (
        select tenant_id, {{ by | join(", ") }}, sum({{ of }}) as amount
        from ({{ batch_rows(model) }}) as judged
        where {{ where }}
        group by tenant_id, {{ by | join(", ") }}
    ),

    there as (
        select tenant_id, {% for column in to_by %}{{ column }} as {{ by[loop.index0] }}, {% endfor %}sum({{ to_of }}) as amount
        from ({{ batch_rows(to) }}) as compared
        where {{ to_where }}
        group by tenant_id, {{ to_by | join(", ") }}
    )

    select tenant_id
    from here
    full join there using (tenant_id, {{ by | join(", ") }})
    where coalesce(here.amount, 0) <> coalesce(there.amount, 0)
{% endtest %}
