-- When the earliest clock of a case strikes next, so that due rungs are found without reading cases.
alter table case_head add column next_rung integer;
create index case_head_by_rung on case_head (next_rung) where next_rung is not null;
