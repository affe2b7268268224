-- People, sessions, tokens.
create table account (
  name text not null primary key,
  display_name text not null,
  password_hash text,
  roles text not null,
  team text,
  locale text not null,
  disabled integer not null,
  created_at integer not null
) strict;

create table session (
  token_hash blob not null primary key,
  account text not null references account (name) on delete cascade,
  created_at integer not null,
  seen_at integer not null
) strict;

create table api_token (
  token_hash blob not null primary key,
  account text not null references account (name) on delete cascade,
  created_at integer not null,
  expires_at integer
) strict;

-- Published texts: case types, workflows, templates.
create table definition (
  kind text not null,
  name text not null,
  version text not null,
  digest text not null,
  body text not null,
  active integer not null,
  published_at integer not null,
  published_by text not null,
  primary key (kind, name, version)
) strict;

create table counter (
  name text not null primary key,
  next integer not null
) strict;

-- Cases: the head is the fold of the history.
create table case_head (
  id blob not null primary key,
  number text not null unique,
  version integer not null,
  case_type text not null,
  title text not null,
  status text not null,
  is_final integer not null,
  priority text not null,
  priority_rank integer not null,
  assignee text,
  team text,
  due integer,
  property blob,
  created_at integer not null,
  updated_at integer not null,
  head_seq integer not null,
  head_hash blob not null,
  body text not null
) strict;
create index case_head_by_creation on case_head (created_at desc, id desc);
create index case_head_by_status on case_head (status, priority, created_at desc, id desc);
create index case_head_by_assignee on case_head (assignee, is_final, created_at desc, id desc);
create index case_head_by_property on case_head (property, created_at desc) where property is not null;

create table case_history (
  case_id blob not null,
  seq integer not null,
  version integer not null,
  kind text not null,
  at integer not null,
  actor text not null,
  cause text,
  data text not null,
  salts text not null,
  hash blob not null,
  primary key (case_id, seq)
) strict, without rowid;

create table case_link (
  kind text not null,
  target blob not null,
  case_id blob not null,
  primary key (kind, target, case_id)
) strict, without rowid;

-- The same request twice is one change.
create table request (
  scope text not null,
  key text not null,
  fingerprint blob not null,
  reference text not null,
  at integer not null,
  primary key (scope, key)
) strict, without rowid;

-- Messages in and out; files.
create table message (
  id blob not null primary key,
  case_id blob,
  direction text not null,
  state text not null,
  message_id text,
  next_attempt_at integer,
  at integer not null,
  body text not null
) strict;
create index message_by_state on message (direction, state, at desc, id desc);
create index message_by_case on message (case_id, at) where case_id is not null;
create index message_due on message (next_attempt_at) where next_attempt_at is not null;
create unique index message_received_once on message (message_id) where direction = 'in';

create table document (
  id blob not null primary key,
  case_id blob,
  message blob,
  name text not null,
  media_type text not null,
  size integer not null,
  digest text not null,
  created_at integer not null
) strict;
create index document_by_case on document (case_id, created_at) where case_id is not null;
create index document_by_message on document (message) where message is not null;

-- Master data.
create table property (
  id blob not null primary key,
  municipality_code text not null,
  property_number text not null,
  line text not null,
  body text not null,
  unique (municipality_code, property_number)
) strict;
create index property_by_line on property (line, id);

create table container (
  id blob not null primary key,
  container_id text not null unique,
  property blob,
  body text not null
) strict;
create index container_by_property on container (property, container_id);

create table agreement (
  id blob not null primary key,
  property blob,
  container blob,
  starts_on text not null,
  body text not null
) strict;
create index agreement_by_property on agreement (property, starts_on);

create table contact (
  id blob not null primary key,
  property blob,
  name text not null,
  body text not null
) strict;
create index contact_by_property on contact (property, name);
create index contact_by_name on contact (name, id);

-- Running workflows.
create table instance (
  id blob not null primary key,
  workflow text not null,
  version text not null,
  case_id blob,
  status text not null,
  seq integer not null,
  depth integer not null,
  crashes integer not null,
  detail text,
  state text,
  state_hash blob not null,
  created_at integer not null,
  updated_at integer not null
) strict;
create index instance_by_case on instance (case_id, created_at) where case_id is not null;
create index instance_by_status on instance (status, created_at desc, id desc);

create table journal (
  instance blob not null,
  seq integer not null,
  at integer not null,
  actor text not null,
  input text not null,
  effects text not null,
  state_hash blob not null,
  primary key (instance, seq)
) strict, without rowid;

create table pending_input (
  id blob not null primary key,
  instance blob not null,
  input text not null,
  at integer not null
) strict;
create index pending_input_by_instance on pending_input (instance, at, id);
create index pending_input_by_time on pending_input (at);

create table timer (
  instance blob not null,
  key text not null,
  due integer not null,
  primary key (instance, key)
) strict, without rowid;
create index timer_due on timer (due);

create table subscription (
  instance blob not null,
  key text not null,
  event_type text not null,
  case_id blob,
  filters text not null,
  since integer not null,
  primary key (instance, key, event_type)
) strict, without rowid;
create index subscription_by_type on subscription (event_type, case_id);

create table action (
  key text not null primary key,
  instance blob not null,
  case_id blob,
  task text not null,
  function text not null,
  version text,
  input text not null,
  state text not null,
  attempts integer not null,
  fence integer not null,
  lease_until integer,
  due integer not null,
  result text,
  created_at integer not null
) strict;
create index action_to_claim on action (state, due);
create index action_by_instance on action (instance);

create table event (
  source text not null,
  event_id text not null,
  event_type text not null,
  at integer not null,
  body text not null,
  primary key (source, event_id)
) strict, without rowid;

create table incident (
  id blob not null primary key,
  instance blob,
  case_id blob,
  plugin text,
  code text not null,
  title text not null,
  detail text not null,
  state text not null,
  at integer not null
) strict;
create index incident_by_state on incident (state, at desc, id desc);

-- What plugins keep.
create table plugin_value (
  plugin text not null,
  key text not null,
  value blob not null,
  updated_at integer not null,
  primary key (plugin, key)
) strict, without rowid;
