"""What the call is about. Always available; `case` needs the capability `case-read`."""

from __future__ import annotations

import json
from typing import Any

from .host import call


def case() -> dict[str, Any] | None:
    """The case with what `select` in the manifest names; `None` when the call is about no case. Raises `denied`."""
    text = call("context", "case")
    return None if text is None else json.loads(text)


def actor() -> dict[str, str]:
    """On whose behalf the call runs (`kind`, `id`, `name`); its rights judge every command."""
    return json.loads(call("context", "actor"))


def locale() -> str:
    """Language of the person who will read the result, such as `da`."""
    return call("context", "locale")


def in_language(texts: dict[str, str]) -> str:
    """The text in the reader's language; the first one where there is none in it."""
    return texts.get(locale()) or next(iter(texts.values()), "")


def configuration() -> Any:
    """The plugin's settings, without secrets."""
    return json.loads(call("context", "configuration"))


def idempotency_key() -> str:
    """A key that stays the same when this call is tried again."""
    return call("context", "idempotency_key")


def is_signed(secret: str, message: bytes | str, code: bytes) -> bool:
    """Whether a message was signed with a secret that the plugin shares with somebody.

    `code` is its HMAC with SHA-256 under the secret setting of this name, which stays with the engine. Raises `invalid`,
    `not-found`.
    """
    return call("context", "is_signed", secret, message.encode() if isinstance(message, str) else message, code)


def now_us() -> int:
    """When the call was made, in microseconds since 1970 UTC. `time.time()` and `datetime.now()` say the same."""
    return call("context", "now")
