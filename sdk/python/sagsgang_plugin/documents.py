"""Documents that the engine draws. Needs the capability `documents`."""

import json
from typing import Any

from .host import call


def render(description: dict[str, Any], name: str) -> str:
    """Draws a described document as PDF and gives its handle. Raises `invalid` with the reason, `too-large`."""
    return call("documents", "render", json.dumps(description), name)
