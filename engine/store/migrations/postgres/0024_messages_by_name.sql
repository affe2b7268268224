-- A carrier's report names a message that went out, and a reply the message that it answers: both are found by their name.
create index message_by_name on message (message_id) where message_id is not null;
