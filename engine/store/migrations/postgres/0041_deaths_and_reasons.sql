-- How often whoever carried out an action was gone before it had ended: one that ends the process each time is left to a person.
alter table action add column lost bigint not null default 0;
-- Why somebody says that an incident is dealt with.
alter table incident add column reason text;
