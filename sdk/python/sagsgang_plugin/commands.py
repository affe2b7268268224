"""Changes that the plugin asks for: applied together with the call's result, or not at all.

Needs the capability `case-commands`. Each raises `denied` (type not granted), `invalid`, `too-large` (100 commands, 10
messages, 64 KiB).
"""

from __future__ import annotations

import json
from typing import Any

from .host import call


def request(command: dict[str, Any]) -> None:
    """Any command, as in `POST /cases/{id}/commands`."""
    call("commands", "request", json.dumps(command))


def note(text: str) -> None:
    """Adds an internal note."""
    request({"type": "note", "text": text})


def set_priority(priority: str, score: int, reasons: list[dict[str, Any]]) -> None:
    """Sets the priority, with the score and the reasons (`text`, `points`) that led to it."""
    request({"type": "set-priority", "priority": priority, "score": score, "reasons": reasons})


def set_fields(fields: dict[str, Any]) -> None:
    """Sets fields of the case type; `None` clears one."""
    request({"type": "set-fields", "fields": fields})


def transition(name: str) -> None:
    """Takes a transition by its name."""
    request({"type": "transition", "transition": name})


def tag(name: str) -> None:
    """Adds a tag."""
    request({"type": "tag", "tag": name})


def link(kind: str, id: str) -> None:
    """Links a `container`, `property`, `agreement`, `contact`, `message` or `case` by its id."""
    request({"type": "link", "kind": kind, "id": id})


def unlink(kind: str, id: str) -> None:
    """Removes a link; the thing itself stays."""
    request({"type": "unlink", "kind": kind, "id": id})


def attach(handle: str) -> None:
    """Attaches a document or file of this call, under its own name."""
    request({"type": "attach", "document": handle})


def send_message(message: dict[str, Any]) -> None:
    """Writes to the customer: `channel`, `to`, `subject`, `body`, `template`. The engine queues and delivers it."""
    request({**message, "type": "send-message"})
