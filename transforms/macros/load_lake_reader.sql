{#- Loads the DuckDB extensions that read Iceberg from the files named at run: nothing is installed or downloaded. -#}
{% macro load_lake_reader() -%}
    {%- for file in var('lake_reader') %}
    load '{{ file }}';
    {%- endfor %}
{%- endmacro %}
