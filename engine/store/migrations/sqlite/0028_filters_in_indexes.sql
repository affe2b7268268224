-- What lists are narrowed by stands in the index that they walk, so that only cases that are shown are read.
drop index case_head_by_status;
drop index case_head_by_status_update;
drop index case_head_by_state;
drop index case_head_by_state_update;
drop index case_head_by_due;
drop index case_head_by_urgency;
create index case_head_by_status on case_head (status, created_at desc, id desc, priority, case_type);
create index case_head_by_status_update on case_head (status, updated_at desc, id desc, priority, case_type);
create index case_head_by_state on case_head (is_final, created_at desc, id desc, priority, case_type);
create index case_head_by_state_update on case_head (is_final, updated_at desc, id desc, priority, case_type);
create index case_head_by_due on case_head (is_final, due_key, id, status, priority, case_type);
create index case_head_by_urgency on case_head (is_final, urgency, id, status, priority, case_type);
