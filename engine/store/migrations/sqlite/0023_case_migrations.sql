-- Cases that are moved from one version of their case type to another: what was asked, how far each of its phases has
-- come, and the cases that stay where they are, with the reasons.
create table case_migration (
  id blob not null primary key,
  case_type text not null,
  from_version integer not null,
  to_version integer not null,
  rules text not null,
  created_at integer not null,
  created_by text not null
) strict, without rowid;
create index case_migration_of_type on case_migration (case_type, created_at desc);
create table case_migration_phase (
  migration blob not null,
  phase text not null,
  reached blob not null,
  moved integer not null,
  refused integer not null,
  begun_at integer not null,
  begun_by text not null,
  ended_at integer,
  primary key (migration, phase)
) strict, without rowid;
create index case_migration_phase_open on case_migration_phase (begun_at) where ended_at is null;
create table case_migration_refusal (
  migration blob not null,
  phase text not null,
  case_id blob not null,
  number text not null,
  reasons text not null,
  primary key (migration, phase, case_id)
) strict, without rowid;
