//! SQL for SQLite and PostgreSQL, migrations, and the one committer.
