"""Makes plugin.wasm out of plugin.py: `python -m sagsgang_plugin.build [FOLDER]`.

Writes the interface that the manifest asks for and no more, and puts it together with the plugin into the interpreter.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

from .component import entry_of, interfaces_of, offers_of, world_of

_SDK = Path(__file__).resolve().parent
_WIT = _SDK.parent.parent / "wit" / "v1"
#: Folders beside plugin.py that hold no source of the plugin.
_NO_SOURCE = {"build", "sdk", "tests", "calls", "schemas", "samples", "config", "locales"}


class Problem(Exception):
    """What went wrong, in words for the author."""


def build(folder: Path) -> None:
    """Builds the plugin in a folder, unless plugin.wasm is what would come of it."""
    if not (folder / "plugin.py").is_file():
        raise Problem(f"{folder} has no plugin.py")
    manifest = _manifest(folder)
    offers = offers_of(manifest)
    if not offers:
        place = folder / "plugin.toml"
        raise Problem(f"{place} names no [[action]], [[panel]], [[channel]] or [[provider]]; each has a `name`")
    interfaces = interfaces_of(manifest)
    world, entry = world_of(interfaces, offers), entry_of(interfaces, offers)
    work, place = folder / "build", folder / "plugin.wasm"
    stamp, note = _stamp(folder, world, entry), work / "stamp"
    if place.is_file() and note.is_file() and note.read_text() == stamp:
        return
    shutil.rmtree(work, ignore_errors=True)
    shutil.copytree(_WIT, work / "wit" / "deps" / "sagsgang-plugin")
    (work / "wit" / "world.wit").write_text(world)
    shutil.copytree(_SDK, work / "app" / "sagsgang_plugin", ignore=shutil.ignore_patterns("__pycache__"))
    for source in _sources(folder):
        copy = work / "app" / source.relative_to(folder)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, copy)
    (work / "app" / "sagsgang_component.py").write_text(entry)
    beside = work / "plugin.wasm"
    _componentize(work, beside)
    beside.replace(place)
    note.write_text(stamp)


def _manifest(folder: Path) -> dict:
    place = folder / "plugin.toml"
    try:
        return tomllib.loads(place.read_text())
    except OSError as error:
        raise Problem(f"{place}: {error.strerror}") from None
    except tomllib.TOMLDecodeError as error:
        raise Problem(f"{place}: {error}") from None


def _sources(folder: Path) -> list[Path]:
    found = []
    for entry in sorted(folder.iterdir()):
        if entry.suffix == ".py":
            found.append(entry)
        elif entry.is_dir() and entry.name[0] not in "._" and entry.name not in _NO_SOURCE:
            found.extend(sorted(entry.rglob("*.py")))
    return found


def _stamp(folder: Path, *texts: str) -> str:
    """Everything that the component depends on, as one number: the interpreter's own output differs from run to run."""
    stamp = hashlib.sha256(importlib.metadata.version("componentize-py").encode())
    for text in texts:
        stamp.update(text.encode() + b"\0")
    for source in [*_sources(folder), *sorted(_SDK.glob("*.py")), *sorted(_WIT.iterdir())]:
        stamp.update(source.name.encode() + b"\0" + source.read_bytes() + b"\0")
    return stamp.hexdigest()


def _componentize(work: Path, place: Path) -> None:
    start = "import sys; from componentize_py import script; sys.exit(script())"
    command = [sys.executable, "-c", start, "-d", str(work / "wit"), "-w", "component", "componentize"]
    # No clocks, no files, no chance of its own: what is left of them ends the call.
    command += ["--stub-wasi", "-p", str(work / "app"), "sagsgang_component", "-o", str(place)]
    quiet = {**os.environ, "RUST_BACKTRACE": "0"}
    made = subprocess.run(command, capture_output=True, text=True, check=False, env=quiet)
    if made.returncode != 0:
        raise Problem(f"the plugin could not be loaded: {_told(made.stdout + made.stderr)}")


def _told(output: str) -> str:
    """What the compiler says of the plugin, without what it says of itself."""
    own = output.rpartition("AssertionError: ")[2].partition("\n\n\nCaused by:")[0].rstrip()
    # The plugin lies at the root of the compiler's own files.
    return own.replace('File "/0/', 'File "')


if __name__ == "__main__":
    try:
        build(Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve())
    except Problem as problem:
        sys.exit(str(problem))
