-- Cases that a person follows, and when they last looked at each.
create table follow (
  account text not null references account (name) on delete cascade,
  case_id blob not null,
  seen_at integer not null,
  primary key (account, case_id)
) strict, without rowid;

-- Where a person was named in a note.
create table mention (
  account text not null references account (name) on delete cascade,
  case_id blob not null,
  seq integer not null,
  at integer not null,
  by_name text not null,
  seen_at integer,
  primary key (account, case_id, seq)
) strict, without rowid;
create index mention_unseen on mention (account, at) where seen_at is null;

-- What a person has written in a case and not sent yet.
create table draft (
  account text not null references account (name) on delete cascade,
  case_id blob not null,
  body text not null,
  updated_at integer not null,
  primary key (account, case_id)
) strict, without rowid;
create index draft_by_case on draft (case_id, updated_at);

-- Who has a case open.
create table presence (
  case_id blob not null,
  account text not null references account (name) on delete cascade,
  seen_at integer not null,
  primary key (case_id, account)
) strict, without rowid;
create index presence_by_age on presence (seen_at);
