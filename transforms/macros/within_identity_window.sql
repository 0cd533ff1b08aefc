{#- Window frame over the event days among which records of one identity are compared: some days before and after `day`. -#}
{% macro within_identity_window(day) -%}
    {%- set span = "interval " ~ var('identity_window_days') ~ " day" -%}
    order by {{ day }} range between {{ span }} preceding and {{ span }} following
{%- endmacro %}
