-- When an input was written, by the database's clock: a node whose own clock is ahead would take every run for left behind.
alter table pending_input add column written_at bigint;
update pending_input set written_at = at;
drop index pending_input_by_time;
create index pending_input_by_writing on pending_input (written_at);
