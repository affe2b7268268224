"""A small store of the plugin's own. Needs the capability `kv`. Writes are kept only when the call succeeds."""

from __future__ import annotations

import json
from typing import Any

from .host import call


def get(key: str) -> Any:
    """The value under a key, `None` where there is none."""
    data = get_bytes(key)
    return None if data is None else json.loads(data)


def set(key: str, value: Any) -> None:
    """Puts a value under a key: at most 64 KiB as JSON, 256 bytes of key."""
    set_bytes(key, json.dumps(value, separators=(",", ":")).encode())


def get_bytes(key: str) -> bytes | None:
    """The bytes under a key."""
    return call("kv", "get", key)


def set_bytes(key: str, value: bytes) -> None:
    """Puts bytes under a key."""
    call("kv", "set", key, value)


def delete(key: str) -> None:
    """Removes a key; it need not exist."""
    call("kv", "delete", key)
