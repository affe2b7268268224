"""Files as bytes. Needs the capability `blobs`."""

from __future__ import annotations

from .host import call


def read(handle: str) -> bytes:
    """The bytes of a file of the case, or of a document made in this call; at most 1 MiB."""
    return call("blobs", "read", handle)


def write(name: str, media_type: str, content: str | bytes) -> str:
    """Keeps a file of this call and gives its handle. At most 1 MiB each, 10 in a call."""
    data = content.encode() if isinstance(content, str) else bytes(content)
    return call("blobs", "write", name, media_type, data)
