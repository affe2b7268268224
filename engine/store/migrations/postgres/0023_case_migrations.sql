-- Cases that are moved from one version of their case type to another: what was asked, how far each of its phases has
-- come, and the cases that stay where they are, with the reasons.
create table case_migration (
  id uuid not null primary key,
  case_type text not null,
  from_version bigint not null,
  to_version bigint not null,
  rules jsonb not null,
  created_at bigint not null,
  created_by jsonb not null
);
create index case_migration_of_type on case_migration (case_type, created_at desc);
create table case_migration_phase (
  migration uuid not null,
  phase text not null,
  reached uuid not null,
  moved bigint not null,
  refused bigint not null,
  begun_at bigint not null,
  begun_by jsonb not null,
  ended_at bigint,
  primary key (migration, phase)
);
create index case_migration_phase_open on case_migration_phase (begun_at) where ended_at is null;
create table case_migration_refusal (
  migration uuid not null,
  phase text not null,
  case_id uuid not null,
  number text not null,
  reasons jsonb not null,
  primary key (migration, phase, case_id)
);
