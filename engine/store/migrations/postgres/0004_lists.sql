-- Lists that stay quick at a million cases. Where a list is in order of due date or priority, open cases come first.
drop index case_head_by_status;
drop index case_head_by_assignee;
create index case_head_by_update on case_head (updated_at desc, id desc);
create index case_head_by_status on case_head (status, created_at desc, id desc);
create index case_head_by_status_update on case_head (status, updated_at desc, id desc);
create index case_head_by_assignee on case_head (assignee, is_final, updated_at desc, id desc);
create index case_head_by_state on case_head (is_final, created_at desc, id desc);
create index case_head_by_state_update on case_head (is_final, updated_at desc, id desc);
-- No due date sorts behind every due date, and the most urgent before the others.
alter table case_head add column due_key bigint generated always as (coalesce(due, 9223372036854775807)) stored;
alter table case_head add column urgency bigint generated always as (-priority_rank) stored;
create index case_head_by_due on case_head (is_final, due_key, id);
create index case_head_by_urgency on case_head (is_final, urgency, id);

create table case_tag (
  tag text not null,
  case_id uuid not null,
  primary key (tag, case_id)
);
insert into case_tag (tag, case_id) select tag, case_head.id from case_head, jsonb_array_elements_text(case_head.body->'tags') as tag;

-- Lists that people keep under a name.
create table saved_view (
  id uuid not null primary key,
  owner text not null references account (name) on delete cascade,
  audience text not null,
  team text,
  name text not null,
  query text not null,
  created_at bigint not null
);
create index saved_view_by_owner on saved_view (owner);

-- The figure in the menu: what stands in the customer inbox and belongs to no case.
create index message_unlinked on message (direction, case_id, state) where case_id is null;
