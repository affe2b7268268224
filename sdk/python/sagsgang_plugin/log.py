"""Lines for the plugin's log, shown to administrators; at most 64 KiB per call. Personal data does not belong here."""

from .host import call


def debug(message: str) -> None:
    """For the plugin's author."""
    call("log", "write", "debug", str(message))


def info(message: str) -> None:
    """What happened. `print` says it too."""
    call("log", "write", "info", str(message))


def warn(message: str) -> None:
    """What somebody should look at."""
    call("log", "write", "warn", str(message))


def error(message: str) -> None:
    """What went wrong."""
    call("log", "write", "error", str(message))
