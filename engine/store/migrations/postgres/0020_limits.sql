-- Actions that take turns: what they share, and how much of its pace is left.
alter table action add column limit_key text;
create index action_in_turn on action (limit_key, state, due) where limit_key is not null and state in ('queued', 'running');
create table limiter (
  key text not null primary key,
  tokens bigint not null,
  at bigint not null
);
