"""What a component is made of: the world that its manifest opens, and the module that the interpreter loads."""

from __future__ import annotations

from typing import Any

from .host import CAPABILITIES

#: Interfaces that every call has.
ALWAYS = ["log", "context"]
#: What the functions call what they are given.
PARAMETERS = {
    "run": "action: string, input: string",
    "show": "panel: string, input: string",
    "deliver": "channel: string, message: string",
    "receive": "channel: string, request: string",
    "search": "provider: string, query: string",
}


def function_name(action: str) -> str:
    """`container-label` is the function `container_label`."""
    return action.replace("-", "_")


def interfaces_of(manifest: dict[str, Any]) -> list[str]:
    """Names of the interfaces that a manifest opens."""
    wishes = manifest.get("capabilities", {})
    return ALWAYS + [name for name, key in CAPABILITIES.items() if wishes.get(key)]


def offers_of(manifest: dict[str, Any]) -> dict[str, dict[str, str]]:
    """What a manifest offers: for each exported function the names under which it is called, and the functions of the plugin."""

    def table(kind: str, suffix: str = "") -> dict[str, str]:
        named = [offer["name"] for offer in manifest.get(kind, []) if "name" in offer]
        return {name: function_name(name + suffix) for name in named}

    offers = {
        "run": table("action"),
        "show": table("panel"),
        "deliver": table("channel", "-deliver"),
        "receive": table("channel", "-receive"),
        "search": table("provider"),
    }
    return {name: names for name, names in offers.items() if names}


def world_of(interfaces: list[str], offers: dict[str, dict[str, str]]) -> str:
    """The world of one plugin: what a component imports are its rights."""
    exported = ["    export describe: func() -> string;"] if "run" in offers else []
    exported += [f"    export {name}: func({PARAMETERS[name]}) -> result<string, failure>;" for name in offers]
    exports = "\n".join(exported)
    imports = "\n".join(f"    import sagsgang:plugin/{name}@1.0.0;" for name in interfaces)
    return f"""package sagsgang:build;

world component {{
{imports}
    use sagsgang:plugin/types@1.0.0.{{failure}};
{exports}
}}
"""


def entry_of(interfaces: list[str], offers: dict[str, dict[str, str]]) -> str:
    """The module that the interpreter loads. The prelude goes first, so that the plugin never meets what it replaces."""
    imports = "\n".join(f"from wit_world.imports import {name} as {name}_" for name in interfaces if name != "log")
    methods = ["    def describe(self):\n        return SERVERS['run'].describe()\n"] if "run" in offers else []
    methods += [f"    def {name}(self, name, input):\n        return answer({name!r}, name, input)\n" for name in offers]
    connected = ", ".join(f'"{name}": {name}_' for name in interfaces if name != "log")
    methods = "\n".join(methods)
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

SERVERS = {{name: Server(plugin, table) for name, table in {offers!r}.items()}}
INTERFACES = {{"log": Log, {connected}}}
prelude.close_imports()

def answer(point, name, input):
    connect(INTERFACES)
    try:
        return SERVERS[point].run(name, input)
    except Failure as failure:
        error = types.Error(failure.code, failure.message, failure.retry_after_ms, None)
        raise Err(types.Failure(types.Advice[failure.advice.upper()], error)) from None

class WitWorld(World):
{methods}
"""
