-- Starts of workflows that need several events: those that have come so far, by the values that they share.
create table start_gathering (
  workflow text not null,
  key text not null,
  seq bigint not null,
  body jsonb not null,
  updated_at bigint not null,
  primary key (workflow, key)
);
