-- The latest pins that were known where a run began: it goes by none of later ones. Nothing for runs of before.
alter table instance add column pinned_at integer;
