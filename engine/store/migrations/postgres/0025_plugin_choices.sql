-- With which settings of a plugin an action is called.
alter table action add column configuration text;

-- To which version of a plugin the calls of a published workflow go, and from when on: a run keeps what held when it began.
create table workflow_pin (
  workflow text not null,
  version text not null,
  function text not null,
  since bigint not null,
  plugin text not null,
  plugin_version text not null,
  digest text not null,
  primary key (workflow, version, function, since)
);
