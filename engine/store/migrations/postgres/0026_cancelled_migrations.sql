-- Who cancelled a phase of a migration of cases before it was through.
alter table case_migration_phase add column cancelled_by jsonb;
-- A phase goes through the cases of one type in the order of their ids, and past no others.
create index case_head_of_type on case_head (case_type, id);
