"""Chance: equal when the call is tried again, therefore not for secrets. Needs the capability `random`."""

from .host import call


def bytes(length: int) -> "bytes":
    """At most 1,024 bytes. Python's own `random` draws from here too."""
    return call("random", "bytes", length)
