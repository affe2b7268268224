-- Tables whose rows are often longer than a kilobyte are no index of themselves any more: there a longer row takes pages of its
-- own, and two thirds of what was written were empty.
create table case_history_rows (
  case_id blob not null,
  seq integer not null,
  version integer not null,
  kind text not null,
  at integer not null,
  actor text not null,
  cause text,
  data text not null,
  salts text not null,
  hash blob not null,
  primary key (case_id, seq)
) strict;
insert into case_history_rows (case_id, seq, version, kind, at, actor, cause, data, salts, hash)
  select case_id, seq, version, kind, at, actor, cause, data, salts, hash from case_history order by case_id, seq;
drop table case_history;
alter table case_history_rows rename to case_history;

create table journal_rows (
  instance blob not null,
  seq integer not null,
  at integer not null,
  actor text not null,
  input text not null,
  effects text not null,
  state_hash blob not null,
  primary key (instance, seq)
) strict;
insert into journal_rows (instance, seq, at, actor, input, effects, state_hash)
  select instance, seq, at, actor, input, effects, state_hash from journal order by instance, seq;
drop table journal;
alter table journal_rows rename to journal;

create table record_history_rows (
  record blob not null,
  id blob not null,
  version integer not null,
  kind text not null,
  at integer not null,
  actor text not null,
  data text not null,
  primary key (record, id)
) strict;
insert into record_history_rows (record, id, version, kind, at, actor, data)
  select record, id, version, kind, at, actor, data from record_history order by record, id;
drop table record_history;
alter table record_history_rows rename to record_history;

create table event_rows (
  source text not null,
  event_id text not null,
  event_type text not null,
  at integer not null,
  body text not null,
  primary key (source, event_id)
) strict;
insert into event_rows (source, event_id, event_type, at, body)
  select source, event_id, event_type, at, body from event order by source, event_id;
drop table event;
alter table event_rows rename to event;
