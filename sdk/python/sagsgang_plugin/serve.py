"""The glue between the functions of a plugin and the engine's two questions. Used by the build; not for authors."""

from __future__ import annotations

import json
import traceback
from typing import Any, Callable

from . import log, prelude
from .failure import Failure, failure_of


class Server:
    """A plugin with its actions, or its panels, channels or providers: for each name of the manifest, the function of it."""

    def __init__(self, plugin: Any, actions: dict[str, str]):
        self._actions: dict[str, Callable[[Any], Any]] = {}
        for action, name in actions.items():
            function = getattr(plugin, name, None)
            if not callable(function):
                raise LookupError(f"plugin.toml names `{action}`, but plugin.py has no function `{name}`")
            self._actions[action] = function

    def describe(self) -> str:
        """What the plugin offers, as JSON text."""
        return json.dumps({"actions": [{"name": name} for name in self._actions]})

    def run(self, action: str, text: str) -> str:
        """Runs an action. Raises `Failure`; anything else is a mistake of the plugin, and ends the call."""
        function = self._actions.get(action)
        if function is None:
            raise Failure.reject("unknown-action", f"there is no `{action}`")
        try:
            return json.dumps(function(json.loads(text)), separators=(",", ":"))
        except Exception as raised:
            failure = failure_of(raised)
            if failure is None:
                log.error("".join(traceback.format_exception(raised)).rstrip())
                raise
            raise failure from None
        finally:
            prelude.finish()
