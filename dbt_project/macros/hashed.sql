{#-
    A personal identifier as a hash with this home's secret salt: the same person is the same key, here and only here.
    Text, unlike other keys: a proof of erasure looks for it among the bytes of files.
-#}
{%- macro hashed(column) -%}
    md5('{{ env_var("BACKHAUL_CUSTOMER_SALT", "") }}' || {{ column }})
{%- endmacro -%}
