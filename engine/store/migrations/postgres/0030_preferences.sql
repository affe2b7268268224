-- How a person wants the interface, beside the language that stands with the account.
create table preference (
  account text not null primary key references account (name) on delete cascade,
  body jsonb not null
);
