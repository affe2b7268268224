-- When a case was done, for the figures of the dashboard. A case that goes on again is not done.
alter table case_head add column closed_at bigint;
update case_head set closed_at = coalesce(
  (select max(at) from case_history where case_id = case_head.id and kind = 'case.status-changed.v1'), updated_at
) where is_final = 1;
create index case_head_closed on case_head (closed_at) where closed_at is not null;
-- All that open cases are counted by, so that no case is read for it.
create index case_head_open on case_head (is_final, case_type, team, priority, due, created_at) where is_final = 0;
