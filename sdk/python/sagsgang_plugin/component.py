"""What a component is made of: the world that its manifest opens, and the module that the interpreter loads."""

from __future__ import annotations

from typing import Any

from .host import CAPABILITIES

#: Interfaces that every call has.
ALWAYS = ["log", "context"]


def function_name(action: str) -> str:
    """`container-label` is the function `container_label`."""
    return action.replace("-", "_")


def interfaces_of(manifest: dict[str, Any]) -> list[str]:
    """Names of the interfaces that a manifest opens."""
    wishes = manifest.get("capabilities", {})
    return ALWAYS + [name for name, key in CAPABILITIES.items() if wishes.get(key)]


def world_of(interfaces: list[str]) -> str:
    """The world of one plugin: what a component imports are its rights."""
    imports = "\n".join(f"    import sagsgang:plugin/{name}@1.0.0;" for name in interfaces)
    return f"""package sagsgang:build;

world component {{
{imports}
    use sagsgang:plugin/types@1.0.0.{{failure}};
    export describe: func() -> string;
    export run: func(action: string, input: string) -> result<string, failure>;
}}
"""


def entry_of(interfaces: list[str], actions: list[str]) -> str:
    """The module that the interpreter loads. The prelude goes first, so that the plugin never meets what it replaces."""
    imports = "\n".join(f"from wit_world.imports import {name} as {name}_" for name in interfaces if name != "log")
    table = {action: function_name(action) for action in actions}
    connected = ", ".join(f'"{name}": {name}_' for name in interfaces if name != "log")
    return f"""from sagsgang_plugin import prelude
from sagsgang_plugin.failure import Failure
from sagsgang_plugin.host import connect
from sagsgang_plugin.serve import Server
from componentize_py_types import Err
from wit_world import WitWorld as World
from wit_world.imports import log as log_, types
{imports}
import plugin

class Log:
    @staticmethod
    def write(level, message):
        log_.write(log_.Level[level.upper()], message)

SERVER = Server(plugin, {table!r})
INTERFACES = {{"log": Log, {connected}}}
prelude.close_imports()

class WitWorld(World):
    def describe(self):
        return SERVER.describe()

    def run(self, action, input):
        connect(INTERFACES)
        try:
            return SERVER.run(action, input)
        except Failure as failure:
            error = types.Error(failure.code, failure.message, failure.retry_after_ms, None)
            raise Err(types.Failure(types.Advice[failure.advice.upper()], error)) from None
"""
