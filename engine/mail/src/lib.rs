//! Message text to values and back; SMTP at its rim.
