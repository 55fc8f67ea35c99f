{#
  The batch is every tenant whose landing changed since its marts were last built. It is read from hub.sync_state and
  not passed in: a list of thousands of tenants fits neither a command line nor an environment variable, and a variable
  would make dbt parse the whole project again on every run.
#}
{% macro dirty_tenants() -%}
    select tenant_id
    from hub.sync_state
    where changed_at > coalesce(modelled_at, '-infinity')
    group by tenant_id
{%- endmacro %}


{#
  One writer a mart. The run's own lock (hub/models/dbt.py) already keeps runs apart; this one also holds against a dbt process
  that outlived a killed parent. It comes first in the transaction: what is read afterwards is what others committed.
#}
{% macro lock_mart() -%}
    select pg_advisory_xact_lock(hashtextextended('hub.marts.{{ this.identifier }}', 0))
{%- endmacro %}


{#
  A model reads its rows and deletes the old ones in two statements, and a load may commit in between. Both look at this
  one list, or a tenant that became dirty in between would lose its rows without getting new ones.
#}
{% macro pin_batch() -%}
    create temporary table model_batch on commit drop as {{ dirty_tenants() }}
{%- endmacro %}


{# The batch's rows of one landing table: staging models read landing through this and in no other way. #}
{% macro landing_rows(provider, stream) -%}
    {{ source('landing', provider ~ '_' ~ stream) }} as landed
    where landed.tenant_id in (select model_batch.tenant_id from model_batch)
{%- endmacro %}


{# The batch's rows of a mart, for tests: they run after the models, while the tenants still count as dirty. #}
{% macro batch_rows(model) -%}
    select * from {{ model }} where tenant_id in ({{ dirty_tenants() }})
{%- endmacro %}
