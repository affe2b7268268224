-- A record of the registers has a version, a history, and a key in the register that it came from.
alter table property add column version bigint not null default 1;
alter table property add column external_source text;
alter table property add column external_key text;
create unique index property_by_external on property (external_source, external_key) where external_source is not null;
alter table container add column version bigint not null default 1;
alter table container add column external_source text;
alter table container add column external_key text;
create unique index container_by_external on container (external_source, external_key) where external_source is not null;
alter table agreement add column version bigint not null default 1;
alter table agreement add column external_source text;
alter table agreement add column external_key text;
create unique index agreement_by_external on agreement (external_source, external_key) where external_source is not null;
alter table contact add column version bigint not null default 1;
alter table contact add column external_source text;
alter table contact add column external_key text;
create unique index contact_by_external on contact (external_source, external_key) where external_source is not null;

create table record_history (
  record uuid not null,
  id uuid not null,
  version bigint not null,
  kind text not null,
  at bigint not null,
  actor jsonb not null,
  data jsonb not null,
  primary key (record, id)
);

-- The case that was brought from another system under a key.
create table case_external (
  source text not null,
  key text not null,
  case_id uuid not null,
  primary key (source, key)
);
