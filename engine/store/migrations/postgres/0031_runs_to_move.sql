-- The runs of a workflow that may go on, for the one who moves them part by part. Those that have ended are most, and stand outside.
create index instance_to_move on instance (workflow, id) where status in ('ready', 'waiting', 'suspended', 'faulted');
