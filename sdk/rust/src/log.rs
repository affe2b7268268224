//! Lines for the plugin's log, shown to administrators. Personal data does not belong here. Always available.

/// How much a line matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// For the plugin's author.
    Debug,
    /// What happened.
    Info,
    /// What somebody should look at.
    Warn,
    /// What went wrong.
    Error,
}

/// Adds a line of a level.
pub fn write(level: Level, message: impl AsRef<str>) {
    crate::imports::log(level, message.as_ref());
}

/// Adds a line for the plugin's author.
pub fn debug(message: impl AsRef<str>) {
    write(Level::Debug, message);
}

/// Adds a line about what happened.
pub fn info(message: impl AsRef<str>) {
    write(Level::Info, message);
}

/// Adds a line that somebody should look at.
pub fn warn(message: impl AsRef<str>) {
    write(Level::Warn, message);
}

/// Adds a line about what went wrong.
pub fn error(message: impl AsRef<str>) {
    write(Level::Error, message);
}
