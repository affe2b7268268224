-- The lists of the registers: what they are sorted and narrowed by stands in the indexes that they walk.
alter table property add column kind text generated always as (coalesce(body->>'type', '')) stored;
alter table property add column full_number text generated always as (municipality_code || '-' || property_number) stored;
drop index property_by_line;
drop index property_by_area;
create index property_by_line on property (line, id, area, kind);
create index property_by_area on property (area, id, kind);
create index property_by_kind on property (kind, id, area);
create index property_by_full_number on property (full_number, id, area, kind);

-- What has no day of next collection stands behind all that has.
alter table container add column kind text generated always as (coalesce(body->>'type', '')) stored;
alter table container add column status text generated always as (coalesce(body->>'status', '')) stored;
alter table container add column collected_on text generated always as (coalesce(body->>'nextCollection', '9999-12-31')) stored;
create index container_by_printed on container (container_id, id, status, kind, property);
create index container_by_kind on container (kind, id, status, property);
create index container_by_status on container (status, id, kind, property);
create index container_by_collection on container (collected_on, id, status, kind, property);

create table container_fraction (
  container uuid not null,
  fraction text not null,
  primary key (container, fraction)
);
create index container_fraction_by_name on container_fraction (fraction, container);
insert into container_fraction (container, fraction)
  select container.id, fraction.value
  from container, jsonb_array_elements(container.body->'compartments') as room,
    jsonb_array_elements_text(room->'fractions') as fraction (value)
  where fraction.value <> ''
  on conflict do nothing;

-- An agreement that has no end ends behind all that have one. Prices are in øre, so that they sort as numbers.
alter table agreement add column ends_on text generated always as (coalesce(body->>'to', '9999-12-31')) stored;
alter table agreement add column service text generated always as (coalesce(body->>'service', '')) stored;
alter table agreement add column price_ore bigint generated always as (
  case when body->>'price' ~ '^-?[0-9]{1,15}([.][0-9]*)?$' then cast(round(cast(body->>'price' as numeric) * 100) as bigint) else 0 end) stored;
create index agreement_by_start on agreement (starts_on, id, ends_on, service, property);
create index agreement_by_end on agreement (ends_on, id, starts_on, service, property);
create index agreement_by_service on agreement (service, id, starts_on, ends_on, property);
create index agreement_by_price on agreement (price_ore, id, starts_on, ends_on, service, property);

-- The place of a protected name in the order of names would tell how it begins: all of them stand at the start.
alter table contact add column is_protected bigint generated always as (case when body->>'protected' = 'true' then 1 else 0 end) stored;
alter table contact add column listed_name text generated always as (case when body->>'protected' = 'true' then '' else name end) stored;
alter table contact add column kind text generated always as (coalesce(body->>'kind', '')) stored;
alter table contact add column role text generated always as (coalesce(body->>'role', '')) stored;
drop index contact_by_name;
create index contact_by_name on contact (listed_name, id, role, kind, is_protected);
create index contact_by_role on contact (role, id, kind, is_protected);
create index contact_by_kind on contact (kind, id, role, is_protected);
create index contact_by_protection on contact (is_protected, id, role, kind);
