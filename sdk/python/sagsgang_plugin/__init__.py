"""What a plugin in Python can call: one module for each interface, with the same words as in the other languages.

Capabilities are declared in plugin.toml and granted by an administrator; what is not answers `HostError` with the code
`denied`.
"""

from . import blobs, cases, commands, context, documents, http, kv, log, random
from .failure import Failure, HostError

__all__ = [
    "Failure", "HostError", "blobs", "cases", "commands", "context", "documents", "http", "kv", "log", "random",
]
