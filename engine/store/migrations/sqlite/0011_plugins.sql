-- What people decided about each plugin.
create table plugin (
  id text not null primary key,
  enabled integer not null,
  version text,
  asked text,
  granted text,
  digests text not null,
  signing_key text,
  granted_by text,
  granted_at integer,
  revision integer not null,
  updated_at integer not null
) strict;

-- The versions that were installed, so that one can be taken up again and runs find the version that they began with.
create table plugin_package (
  plugin text not null,
  version text not null,
  digest text not null,
  source text not null,
  signing_key text,
  content text not null,
  installed_at integer not null,
  primary key (plugin, version)
) strict;

-- Settings under a name. What is secret in them is sealed and is never shown again.
create table plugin_configuration (
  plugin text not null,
  name text not null,
  value text not null,
  sealed blob,
  revision integer not null,
  updated_by text not null,
  updated_at integer not null,
  primary key (plugin, name)
) strict;

-- Who decided what about a plugin, and when. No reference: it stays when the plugin is gone.
create table plugin_log (
  id blob not null primary key,
  plugin text not null,
  at integer not null,
  actor text not null,
  deed text not null,
  detail text not null
) strict;
create index plugin_log_by_plugin on plugin_log (plugin, id);
