-- Which run started a run, and under which key it waits for its end, where it does.
alter table instance add column parent blob;
alter table instance add column parent_key text;
create index instance_by_parent on instance (parent, parent_key) where parent is not null;

-- Workflows that start by the clock: when next, by which rule of which version, and the run that was started last.
create table schedule (
  workflow text not null primary key,
  version text not null,
  rule text not null,
  due integer,
  last_run blob
) strict, without rowid;
create index schedule_due on schedule (due) where due is not null;
