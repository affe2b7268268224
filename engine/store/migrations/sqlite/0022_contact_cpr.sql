-- Numbers of persons, sealed, apart from the contacts that have them.
create table contact_cpr (
  contact blob not null primary key,
  sealed blob
) strict, without rowid;
