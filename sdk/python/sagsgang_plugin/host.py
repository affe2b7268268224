"""The engine, as the component imports it. Only what the manifest declares is imported; the rest is answered here."""

from __future__ import annotations

from typing import Any

from .failure import HostError

#: The key under [capabilities] that opens each interface; those that every call has are not among them.
CAPABILITIES = {
    "cases": "cases",
    "commands": "case-commands",
    "documents": "documents",
    "blobs": "blobs",
    "kv": "kv",
    "http": "http",
    "random": "random",
}

_interfaces: dict[str, Any] | None = None


def connect(imported: dict[str, Any] | None) -> None:
    """Connects the functions of this package with an engine, or with a test."""
    global _interfaces
    _interfaces = imported


def is_connected() -> bool:
    """Whether an action can run now."""
    return _interfaces is not None


def call(name: str, function: str, *values: Any) -> Any:
    """Calls one function of one interface."""
    if _interfaces is None:
        raise RuntimeError(f"{name}.{function} was called outside an action: the engine is there while an action runs")
    interface = _interfaces.get(name)
    if interface is None:
        key = CAPABILITIES[name]
        raise HostError("denied", f"`{key}` is not declared under [capabilities] in plugin.toml")
    try:
        return getattr(interface, function)(*values)
    except Exception as raised:
        # The engine's own errors come as values inside the exception.
        error = getattr(raised, "value", None)
        if isinstance(getattr(error, "code", None), str):
            raise HostError(error.code, error.message, error.retry_after_ms, error.detail) from None
        raise
