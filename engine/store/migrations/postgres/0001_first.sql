-- People, sessions, tokens.
create table account (
  name text not null primary key,
  display_name text not null,
  password_hash text,
  roles jsonb not null,
  team text,
  locale text not null,
  disabled bigint not null,
  created_at bigint not null
);

create table session (
  token_hash bytea not null primary key,
  account text not null references account (name) on delete cascade,
  created_at bigint not null,
  seen_at bigint not null
);

create table api_token (
  token_hash bytea not null primary key,
  account text not null references account (name) on delete cascade,
  created_at bigint not null,
  expires_at bigint
);

-- Published texts: case types, workflows, templates.
create table definition (
  kind text not null,
  name text not null,
  version text not null,
  digest text not null,
  body text not null,
  active bigint not null,
  published_at bigint not null,
  published_by text not null,
  primary key (kind, name, version)
);

create table counter (
  name text not null primary key,
  next bigint not null
);

-- Cases: the head is the fold of the history.
create table case_head (
  id uuid not null primary key,
  number text not null unique,
  version bigint not null,
  case_type text not null,
  title text not null,
  status text not null,
  is_final bigint not null,
  priority text not null,
  priority_rank bigint not null,
  assignee text,
  team text,
  due bigint,
  property uuid,
  created_at bigint not null,
  updated_at bigint not null,
  head_seq bigint not null,
  head_hash bytea not null,
  body jsonb not null
);
create index case_head_by_creation on case_head (created_at desc, id desc);
create index case_head_by_status on case_head (status, priority, created_at desc, id desc);
create index case_head_by_assignee on case_head (assignee, is_final, created_at desc, id desc);
create index case_head_by_property on case_head (property, created_at desc) where property is not null;

create table case_history (
  case_id uuid not null,
  seq bigint not null,
  version bigint not null,
  kind text not null,
  at bigint not null,
  actor jsonb not null,
  cause jsonb,
  data jsonb not null,
  salts jsonb not null,
  hash bytea not null,
  primary key (case_id, seq)
);

create table case_link (
  kind text not null,
  target uuid not null,
  case_id uuid not null,
  primary key (kind, target, case_id)
);

-- The same request twice is one change.
create table request (
  scope text not null,
  key text not null,
  fingerprint bytea not null,
  reference text not null,
  at bigint not null,
  primary key (scope, key)
);

-- Messages in and out; files.
create table message (
  id uuid not null primary key,
  case_id uuid,
  direction text not null,
  state text not null,
  message_id text,
  next_attempt_at bigint,
  at bigint not null,
  body jsonb not null
);
create index message_by_state on message (direction, state, at desc, id desc);
create index message_by_case on message (case_id, at) where case_id is not null;
create index message_due on message (next_attempt_at) where next_attempt_at is not null;
create unique index message_received_once on message (message_id) where direction = 'in';

create table document (
  id uuid not null primary key,
  case_id uuid,
  message uuid,
  name text not null,
  media_type text not null,
  size bigint not null,
  digest text not null,
  created_at bigint not null
);
create index document_by_case on document (case_id, created_at) where case_id is not null;
create index document_by_message on document (message) where message is not null;

-- Master data.
create table property (
  id uuid not null primary key,
  municipality_code text not null,
  property_number text not null,
  line text not null,
  body jsonb not null,
  unique (municipality_code, property_number)
);
create index property_by_line on property (line, id);

create table container (
  id uuid not null primary key,
  container_id text not null unique,
  property uuid,
  body jsonb not null
);
create index container_by_property on container (property, container_id);

create table agreement (
  id uuid not null primary key,
  property uuid,
  container uuid,
  starts_on text not null,
  body jsonb not null
);
create index agreement_by_property on agreement (property, starts_on);

create table contact (
  id uuid not null primary key,
  property uuid,
  name text not null,
  body jsonb not null
);
create index contact_by_property on contact (property, name);
create index contact_by_name on contact (name, id);

-- Running workflows.
create table instance (
  id uuid not null primary key,
  workflow text not null,
  version text not null,
  case_id uuid,
  status text not null,
  seq bigint not null,
  depth bigint not null,
  crashes bigint not null,
  detail text,
  state jsonb,
  state_hash bytea not null,
  created_at bigint not null,
  updated_at bigint not null
);
create index instance_by_case on instance (case_id, created_at) where case_id is not null;
create index instance_by_status on instance (status, created_at desc, id desc);

create table journal (
  instance uuid not null,
  seq bigint not null,
  at bigint not null,
  actor jsonb not null,
  input jsonb not null,
  effects jsonb not null,
  state_hash bytea not null,
  primary key (instance, seq)
);

create table pending_input (
  id uuid not null primary key,
  instance uuid not null,
  input jsonb not null,
  at bigint not null
);
create index pending_input_by_instance on pending_input (instance, at, id);
create index pending_input_by_time on pending_input (at);

create table timer (
  instance uuid not null,
  key text not null,
  due bigint not null,
  primary key (instance, key)
);
create index timer_due on timer (due);

create table subscription (
  instance uuid not null,
  key text not null,
  event_type text not null,
  case_id uuid,
  filters jsonb not null,
  since bigint not null,
  primary key (instance, key, event_type)
);
create index subscription_by_type on subscription (event_type, case_id);

create table action (
  key text not null primary key,
  instance uuid not null,
  case_id uuid,
  task text not null,
  function text not null,
  version text,
  input jsonb not null,
  state text not null,
  attempts bigint not null,
  fence bigint not null,
  lease_until bigint,
  due bigint not null,
  result jsonb,
  created_at bigint not null
);
create index action_to_claim on action (state, due);
create index action_by_instance on action (instance);

create table event (
  source text not null,
  event_id text not null,
  event_type text not null,
  at bigint not null,
  body jsonb not null,
  primary key (source, event_id)
);

create table incident (
  id uuid not null primary key,
  instance uuid,
  case_id uuid,
  plugin text,
  code text not null,
  title text not null,
  detail text not null,
  state text not null,
  at bigint not null
);
create index incident_by_state on incident (state, at desc, id desc);

-- What plugins keep.
create table plugin_value (
  plugin text not null,
  key text not null,
  value bytea not null,
  updated_at bigint not null,
  primary key (plugin, key)
);
