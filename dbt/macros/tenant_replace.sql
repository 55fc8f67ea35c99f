{#
  Incremental strategy of every mart: the batch's tenants are replaced as a whole, in one transaction, in a table that
  exists already with its row-level security. A model that finds no table fails (the role may create none).
#}
{% macro get_incremental_tenant_replace_sql(arg_dict) %}
    {%- set columns = get_quoted_csv(arg_dict["dest_columns"] | map(attribute="name")) -%}
    delete from {{ arg_dict["target_relation"] }}
    where tenant_id in (select model_batch.tenant_id from model_batch);

    insert into {{ arg_dict["target_relation"] }} ({{ columns }})
    select {{ columns }} from {{ arg_dict["temp_relation"] }}
{% endmacro %}
