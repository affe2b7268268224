-- What can be found by its words: one entry per case, note, message and record of the registers.
create table search_entry (
  place integer not null primary key,
  kind text not null,
  target blob not null,
  part integer not null,
  case_id blob,
  at integer not null,
  title text not null,
  words text not null,
  unique (kind, target, part)
) strict;

-- Danish letters are letters of their own: no diacritics are removed.
create virtual table search_text using fts5 (
  title, words, content = 'search_entry', content_rowid = 'place',
  tokenize = 'unicode61 remove_diacritics 0', prefix = '2 3'
);
create trigger search_entry_added after insert on search_entry begin
  insert into search_text (rowid, title, words) values (new.place, new.title, new.words);
end;
create trigger search_entry_changed after update on search_entry begin
  insert into search_text (search_text, rowid, title, words) values ('delete', old.place, old.title, old.words);
  insert into search_text (rowid, title, words) values (new.place, new.title, new.words);
end;
create trigger search_entry_removed after delete on search_entry begin
  insert into search_text (search_text, rowid, title, words) values ('delete', old.place, old.title, old.words);
end;

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
  from contact where not coalesce(body->>'protected', 0);
