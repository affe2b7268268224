-- Until when somebody sends it, by the database's clock. The next attempt is a time of the case work, by the clock of a node, and a
-- node whose clock is ahead would send what another one is sending.
alter table message add column taken_until integer;
alter table webhook_delivery add column taken_until integer;
