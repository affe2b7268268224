-- Events from outside and of workflows, kept for a time: a run that begins to listen hears what came before.
create table kept_event (
  place bigint not null primary key,
  event_type text not null,
  case_id uuid,
  at bigint not null,
  body jsonb not null
);
create index kept_event_by_type on kept_event (event_type, case_id, at);
create index kept_event_by_moment on kept_event (event_type, at);
create index kept_event_by_time on kept_event (at);

-- One order for what is kept and for what begins to listen, so that of two that come at the same moment one sees the other.
create table hearing (
  id bigint not null primary key,
  place bigint not null
);
insert into hearing (id, place) values (1, 0);
alter table subscription add column place bigint not null default 0;
create index subscription_by_place on subscription (place);
