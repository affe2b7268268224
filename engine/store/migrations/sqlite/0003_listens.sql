-- How often a run has begun to listen on a case: a change that looked for listeners before holds only if it is the same.
alter table case_head add column listens integer not null default 0;
