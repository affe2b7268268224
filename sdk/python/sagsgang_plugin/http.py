"""Requests to the outside. Needs the capability `http`, which lists origins and paths.

The engine adds `Idempotency-Key` and the secret that the capability names. Redirects are answers. Raises `denied`,
`invalid`, `too-large`, `unavailable` (the outside may have acted).
"""

from __future__ import annotations

import json as _json
from dataclasses import dataclass, field
from typing import Any

from .failure import HostError
from .host import call


@dataclass
class Request:
    """What is asked."""

    method: str
    url: str
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes | None = None
    #: Give up after so many milliseconds; at most and by default 10,000.
    timeout_ms: int | None = None


@dataclass
class Response:
    """What was answered, whatever its status."""

    status: int
    #: Names in lower case.
    headers: dict[str, str]
    body: bytes

    @property
    def ok(self) -> bool:
        """Whether the status is one of success."""
        return 200 <= self.status < 300

    def text(self) -> str:
        """The body as text."""
        return self.body.decode(errors="replace")

    def json(self) -> Any:
        """The body as JSON. Raises `invalid` when it is none."""
        try:
            return _json.loads(self.body)
        except ValueError as error:
            raise HostError("invalid", f"the answer is no JSON: {error}") from None


def send(
    method: str,
    url: str,
    *,
    headers: dict[str, str] | None = None,
    body: str | bytes | None = None,
    timeout_ms: int | None = None,
) -> Response:
    """Sends one request: `GET`, `POST`, `PUT`, `PATCH`, `DELETE` or `HEAD`."""
    data = body.encode() if isinstance(body, str) else body
    request = Request(method, url, list((headers or {}).items()), data, timeout_ms)
    answer = call("http", "send", request)
    return Response(answer.status, dict(answer.headers), answer.body)


def get(url: str, *, headers: dict[str, str] | None = None, timeout_ms: int | None = None) -> Response:
    """Asks for something."""
    return send("GET", url, headers=headers, timeout_ms=timeout_ms)


def post_json(
    url: str, value: Any, *, headers: dict[str, str] | None = None, timeout_ms: int | None = None
) -> Response:
    """Sends JSON."""
    named = {"content-type": "application/json", **(headers or {})}
    return send("POST", url, headers=named, body=_json.dumps(value), timeout_ms=timeout_ms)
