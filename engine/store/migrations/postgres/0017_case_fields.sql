-- Plain values of the case types' own fields, by which lists are narrowed.
create table case_field (
  name text not null,
  value text not null,
  case_id uuid not null,
  primary key (name, value, case_id)
);

-- What is there already.
insert into case_field (name, value, case_id)
  select field.key, field.value #>> '{}', case_head.id
  from case_head, jsonb_each(case_head.body->'fields') as field
  where jsonb_typeof(field.value) in ('string', 'number', 'boolean') and length(field.value #>> '{}') <= 100
  on conflict do nothing;
