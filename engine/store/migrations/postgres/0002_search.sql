-- What can be found by its words: one entry per case, note, message and record of the registers.
create table search_entry (
  place bigint generated always as identity primary key,
  kind text not null,
  target uuid not null,
  part bigint not null,
  case_id uuid,
  at bigint not null,
  title text not null,
  words text not null,
  unique (kind, target, part)
);

-- The parser would read a minus or a host name into numbers and addresses: such characters separate words.
create index search_words on search_entry
  using gin (to_tsvector('simple', translate(title || ' ' || words, '-/.@_:', '      ')));

-- What is there already.
insert into search_entry (kind, target, part, case_id, at, title, words)
  select 'case', id, 0, id, created_at, number || ' ' || title, coalesce(body->>'description', '') from case_head order by created_at, id;
insert into search_entry (kind, target, part, case_id, at, title, words)
  select 'note', case_id, seq, case_id, at, '', data->>'text' from case_history where kind = 'case.noted.v1' and data->>'text' is not null;
insert into search_entry (kind, target, part, case_id, at, title, words)
  select 'message', id, 0, case_id, at, coalesce(body->>'subject', ''), coalesce(body->>'from', '') || ' ' || coalesce(body->>'to', '') || ' ' || coalesce(body->>'text', '') from message;
insert into search_entry (kind, target, part, case_id, at, title, words)
  select 'property', id, 0, null, 0, line, municipality_code || '-' || property_number from property;
insert into search_entry (kind, target, part, case_id, at, title, words)
  select 'container', id, 0, null, 0, container_id, coalesce(body->>'type', '') from container;
insert into search_entry (kind, target, part, case_id, at, title, words)
  select 'contact', id, 0, null, 0, name, coalesce(body->>'emails', '') || ' ' || coalesce(body->>'phones', '')
  from contact where coalesce(body->>'protected', 'false') <> 'true';
