-- One row per rule that binds the handling of a product, with its words.
select
    regulation_class,
    case when $language = 'fr' then label_fr else label_en end as label
from core.dim_regulation_class
order by regulation_class
