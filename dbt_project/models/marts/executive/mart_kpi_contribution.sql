-- Where a metric is defined: every amount that counts in a KPI, with the unit and the record it comes from. The KPI
-- marts are sums over this view, and `backhaul trace` lists it, so that a figure and its rows cannot disagree.
-- Names are without a database: the view is published as it stands beside the facts it reads.
{{ config(materialized='view') }}
{%- set unit = ref('fct_return_unit').include(database=false) -%}
{%- set cost = ref('fct_cost').include(database=false) -%}
{%- set recovery = ref('fct_recovery').include(database=false) -%}
{%- set mass = ref('fct_unit_mass').include(database=false) -%}
{%- set category = ref('dim_cost_category').include(database=false) -%}
{%- set mass_class = ref('dim_mass_class').include(database=false) %}
with costs as (
    select cost.*
    from {{ cost }} as cost
    inner join {{ category }} as category on category.category_code = cost.category_code
    where category.is_in_trc and cost.amount_reporting is not null
),

recoveries as (
    select recovery.*
    from {{ recovery }} as recovery
    inner join {{ category }} as category on category.category_code = recovery.category_code
    where category.family = 'RECOVERY' and recovery.amount_reporting is not null
),

-- recovery rates compare a unit's money with what the same unit cost: units of unknown landed cost are left out
valued_units as (
    select *
    from {{ unit }}
    where disposition_month is not null and landed_cost_reporting is not null
),

masses as (
    select
        mass.*,
        mass_class.is_waste,
        mass_class.is_kept_in_use,
        mass_class.is_diverted
    from {{ mass }} as mass
    inner join {{ mass_class }} as mass_class on mass_class.mass_class = mass.mass_class
),

contributions as (
    select
        'B02' as kpi_id,
        unit.received_month as period_month,
        'NUMERATOR' as kpi_role,
        costs.category_code as component,
        unit.unit_key,
        costs.amount_reporting as amount,
        costs.source_table,
        {{ lineage_columns('costs') }},
        costs.source_path
    from costs
    inner join {{ unit }} as unit on unit.unit_key = costs.unit_key
    where unit.received_month is not null

    union all

    select
        'B02' as kpi_id,
        unit.received_month as period_month,
        'DENOMINATOR' as kpi_role,
        'UNIT' as component,
        unit.unit_key,
        1 as amount,
        unit.source_table,
        {{ lineage_columns('unit') }},
        cast(null as string) as source_path
    from {{ unit }} as unit
    where unit.received_month is not null

    union all

    select
        'C03' as kpi_id,
        unit.disposition_month as period_month,
        'NUMERATOR' as kpi_role,
        costs.category_code as component,
        unit.unit_key,
        -costs.amount_reporting as amount,
        costs.source_table,
        {{ lineage_columns('costs') }},
        costs.source_path
    from costs
    inner join valued_units as unit on unit.unit_key = costs.unit_key

    union all

    select
        kpi.kpi_id,
        unit.disposition_month as period_month,
        'NUMERATOR' as kpi_role,
        recoveries.category_code as component,
        unit.unit_key,
        recoveries.amount_reporting as amount,
        recoveries.source_table,
        {{ lineage_columns('recoveries') }},
        cast(null as string) as source_path
    from recoveries
    inner join valued_units as unit on unit.unit_key = recoveries.unit_key
    cross join (values ('C01'), ('C03')) as kpi (kpi_id)
    where kpi.kpi_id = 'C03' or recoveries.category_code = 'REC_SALE'

    union all

    select
        kpi.kpi_id,
        unit.disposition_month as period_month,
        'DENOMINATOR' as kpi_role,
        'LANDED_COST' as component,
        unit.unit_key,
        unit.landed_cost_reporting as amount,
        'landed_cost' as source_table,
        unit.landed_cost_source_id as source_id,
        unit.landed_cost_file_sha256 as file_sha256,
        unit.landed_cost_source_row as source_row,
        cast(null as string) as source_path
    from valued_units as unit
    cross join (values ('C01'), ('C03')) as kpi (kpi_id)

    union all

    select
        kpi.kpi_id,
        masses.disposition_month as period_month,
        kpi.kpi_role,
        masses.mass_class as component,
        masses.unit_key,
        masses.mass_kg as amount,
        masses.source_table,
        {{ lineage_columns('masses') }},
        cast(null as string) as source_path
    from masses
    cross join (
        values ('F06', 'NUMERATOR'), ('F06', 'DENOMINATOR'), ('F04a', 'NUMERATOR'), ('F04a', 'DENOMINATOR')
    ) as kpi (kpi_id, kpi_role)
    where
        case
            when kpi.kpi_id = 'F06' and kpi.kpi_role = 'NUMERATOR' then masses.is_kept_in_use
            when kpi.kpi_id = 'F06' then true
            when kpi.kpi_role = 'NUMERATOR' then masses.is_diverted
            else masses.is_waste
        end
)

select
    kpi_id,
    period_month,
    kpi_role,
    component,
    unit_key,
    cast(amount as decimal(18, 6)) as amount,
    source_table,
    source_id,
    file_sha256,
    source_row,
    source_path
from contributions
