-- Who dealt with an incident, and the incidents of a run.
alter table incident add column resolved_by text;
alter table incident add column resolved_at bigint;
create index incident_by_instance on incident (instance, state);

-- Runs by where they stand: ids rise with time, so that a page goes on after an id.
drop index instance_by_status;
create index instance_by_status on instance (status, id);
