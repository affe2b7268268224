-- Lists are narrowed by the area in which a property lies.
alter table property add column area text generated always as (body->>'area') stored;
create index property_by_area on property (area, id);
