-- Only SQLite keeps these tables in another way; see the file of the same name there.
comment on table journal is 'What each run was given and asked for, step by step';
