{#- The last closed day of a mart's inputs, as a date literal; null while no day is closed. Without a name: of the model it stands in. -#}
{% macro complete_through(mart=none) -%}
    {%- set day = var('complete_through').get(mart or model.name) -%}
    {%- if day is none -%} cast(null as date) {%- else -%} cast('{{ day }}' as date) {%- endif -%}
{%- endmacro %}
