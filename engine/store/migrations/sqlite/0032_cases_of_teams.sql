-- The cases of a team are counted from an index of theirs, and its newest open ones are read from it.
create index case_head_by_team on case_head (team, is_final, created_at desc, id desc, status, priority, case_type)
  where team is not null;
