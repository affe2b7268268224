//! What a case is, what may be asked of it, and what follows from it.
