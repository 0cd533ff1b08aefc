{#- Window frame over the event days among which records of one identity are compared: as many days before and after
    `day` as the events table named in the column `target` declares; a target without a table looks at its own day. -#}
{% macro within_identity_window(day) -%}
    {%- set span -%}
        to_days(case {% for target, days in var('identity_window_days').items() -%}
            when target = '{{ target }}' then {{ days }} {% endfor -%}
            when true then 0 end)
    {%- endset -%}
    order by {{ day }} range between {{ span }} preceding and {{ span }} following
{%- endmacro %}
