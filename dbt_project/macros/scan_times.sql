{#- When a parcel was first, last and finally scanned, over the scans of a group. -#}
{%- macro scan_times() -%}
    min(
            case
                when
                    status in (
                        'in_transit', 'out_for_delivery', 'delivered', 'return_to_sender', 'available_for_pickup'
                    )
                    then scanned_at
            end
        ) as first_scan_at,
        min(case when status = 'delivered' then scanned_at end) as delivered_at,
        max(scanned_at) as last_scan_at,
        count(*) as scan_count
{%- endmacro -%}
