-- Numbers of persons, sealed, apart from the contacts that have them.
create table contact_cpr (
  contact uuid not null primary key,
  sealed bytea
);
