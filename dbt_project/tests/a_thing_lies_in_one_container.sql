-- Invariant 8: at any instant a thing has one parent.
select
    earlier.child_id,
    earlier.parent_id,
    earlier.valid_from,
    earlier.valid_to,
    later.parent_id as other_parent_id,
    later.valid_from as other_valid_from
from {{ ref('bridge_container') }} as earlier
inner join {{ ref('bridge_container') }} as later
    on
        later.child_id = earlier.child_id
        and later.container_key <> earlier.container_key
        and later.valid_from >= earlier.valid_from
        and later.valid_from < earlier.valid_to
        and later.valid_from < later.valid_to
