-- Addresses that hear of events.
create table webhook (
  id blob not null primary key,
  url text not null,
  types text not null,
  secret text not null,
  enabled integer not null,
  reason text,
  failures integer not null,
  version integer not null,
  created_by text not null,
  created_at integer not null,
  updated_at integer not null
) strict;

-- What they shall hear, and what became of it. No reference: a commit of a case never fails for want of a listener.
create table webhook_delivery (
  id blob not null primary key,
  webhook blob not null,
  event_type text not null,
  state text not null,
  attempts integer not null,
  next_attempt_at integer,
  status integer,
  detail text,
  body text not null,
  created_at integer not null,
  updated_at integer not null
) strict;
create index webhook_delivery_due on webhook_delivery (next_attempt_at) where next_attempt_at is not null;
create index webhook_delivery_by_webhook on webhook_delivery (webhook, id);
create index webhook_delivery_by_age on webhook_delivery (created_at);
