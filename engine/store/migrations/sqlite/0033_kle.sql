-- The classification of municipal tasks (KLE): codes of subjects and facets, as a file brought them.
create table kle (
  code text not null primary key,
  title text not null,
  uuid blob,
  dated_on text
) strict, without rowid;
