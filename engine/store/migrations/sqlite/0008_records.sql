-- A record of the registers has a version, a history, and a key in the register that it came from.
alter table property add column version integer not null default 1;
alter table property add column external_source text;
alter table property add column external_key text;
create unique index property_by_external on property (external_source, external_key) where external_source is not null;
alter table container add column version integer not null default 1;
alter table container add column external_source text;
alter table container add column external_key text;
create unique index container_by_external on container (external_source, external_key) where external_source is not null;
alter table agreement add column version integer not null default 1;
alter table agreement add column external_source text;
alter table agreement add column external_key text;
create unique index agreement_by_external on agreement (external_source, external_key) where external_source is not null;
alter table contact add column version integer not null default 1;
alter table contact add column external_source text;
alter table contact add column external_key text;
create unique index contact_by_external on contact (external_source, external_key) where external_source is not null;

create table record_history (
  record blob not null,
  id blob not null,
  version integer not null,
  kind text not null,
  at integer not null,
  actor text not null,
  data text not null,
  primary key (record, id)
) strict, without rowid;

-- The case that was brought from another system under a key.
create table case_external (
  source text not null,
  key text not null,
  case_id blob not null,
  primary key (source, key)
) strict, without rowid;
