-- Texts that somebody writes and has not published yet.
create table draft_text (
  name text not null primary key,
  body text not null,
  updated_at integer not null,
  updated_by text not null
) strict, without rowid;
