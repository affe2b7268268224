"""Other cases. Needs the capability `cases`."""

import json
from typing import Any

from .host import call


def read(id_or_number: str) -> dict[str, Any]:
    """A case by id or number. Raises `not-found` (also for what the caller may not see), `unavailable`."""
    return json.loads(call("cases", "read", id_or_number))
