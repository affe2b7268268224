-- Starts of workflows that need several events: those that have come so far, by the values that they share.
create table start_gathering (
  workflow text not null,
  key text not null,
  seq integer not null,
  body text not null,
  updated_at integer not null,
  primary key (workflow, key)
) strict, without rowid;
