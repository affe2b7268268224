-- Plain values of the case types' own fields, by which lists are narrowed.
create table case_field (
  name text not null,
  value text not null,
  case_id blob not null,
  primary key (name, value, case_id)
) strict, without rowid;

-- What is there already.
insert or ignore into case_field (name, value, case_id)
  select field.key, case field.type when 'true' then 'true' when 'false' then 'false' else cast(field.value as text) end, case_head.id
  from case_head, json_each(case_head.body, '$.fields') as field
  where field.type in ('text', 'integer', 'real', 'true', 'false') and length(field.value) <= 100;
