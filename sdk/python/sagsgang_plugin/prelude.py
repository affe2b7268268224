"""Clock, chance and standard output of a component: Python's own would end the call, or have stood still since the build.

The time is that of the call and does not advance; chance is equal when the call is tried again. Imported before the
plugin, so that the plugin never meets what is replaced.
"""

import datetime
import importlib
import importlib.machinery
import io
import linecache
import os
import random
import sys
import time

from . import context, log
from . import random as chance
from .host import is_connected

#: What Python's own library imports only when it is used; afterwards there is nothing left to import from.
for _name in (
    "_strptime bisect calendar copy decimal heapq locale operator string traceback unicodedata encodings.ascii encodings.cp1252 "
    "encodings.idna encodings.iso8859_1 encodings.iso8859_15 encodings.latin_1 encodings.utf_16 encodings.utf_8_sig"
).split():
    importlib.import_module(_name)


class _NothingMore:
    """The last place where a module is looked for, once the plugin is built."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        raise ImportError(f"{name} cannot be imported during a call; import it at the top of plugin.py", name=name)


def close_imports() -> None:
    """From now on modules are those that were loaded while the plugin was built."""
    sys.meta_path[:] = [one for one in sys.meta_path if one is not importlib.machinery.PathFinder]
    sys.meta_path.append(_NothingMore)
    # Tracebacks look for the lines of the source, in files that are no longer there.
    linecache.checkcache = lambda *_: None
    linecache.updatecache = lambda *_: []


_OwnDatetime = datetime.datetime
_OwnDate = datetime.date
_EPOCH = _OwnDatetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


class _Same(type):
    """What Python's own library makes of the replaced types is an instance of ours: `datetime.now().date()` is a `date`."""

    def __instancecheck__(cls, value):
        return isinstance(value, _REPLACED[cls]) if cls in _REPLACED else type.__instancecheck__(cls, value)

    def __subclasscheck__(cls, other):
        return issubclass(other, _REPLACED[cls]) if cls in _REPLACED else type.__subclasscheck__(cls, other)


class _CallDatetime(_OwnDatetime, metaclass=_Same):
    @classmethod
    def now(cls, tz=None):
        moment = _EPOCH + datetime.timedelta(microseconds=context.now_us())
        moment = moment.astimezone(tz) if tz is not None else moment.replace(tzinfo=None)
        return cls.combine(moment.date(), moment.timetz(), moment.tzinfo)

    @classmethod
    def utcnow(cls):
        return cls.now()

    @classmethod
    def today(cls):
        return cls.now()


class _CallDate(_OwnDate, metaclass=_Same):
    @classmethod
    def today(cls):
        return cls.fromtimestamp(context.now_us() // 1_000_000)


_REPLACED = {_CallDatetime: _OwnDatetime, _CallDate: _OwnDate}
_CallDatetime.__name__ = _CallDatetime.__qualname__ = "datetime"
_CallDate.__name__ = _CallDate.__qualname__ = "date"
datetime.datetime = _CallDatetime
datetime.date = _CallDate


def _broken_off(*_):
    raise RuntimeError("an action does not wait: fail with Failure.retry, and the engine calls again later")


time.time = lambda: context.now_us() / 1_000_000
time.time_ns = lambda: context.now_us() * 1_000
for _name in ("monotonic", "perf_counter", "process_time", "thread_time"):
    setattr(time, _name, time.time)
    setattr(time, f"{_name}_ns", time.time_ns)
time.sleep = _broken_off


def _drawn(length):
    """Any number of bytes, of which the engine gives 1,024 at a time."""
    parts = (chance.bytes(min(1024, length - at)) for at in range(0, length, 1024))
    return b"".join(parts)


class _CallRandom(random.Random):
    def random(self):
        return (int.from_bytes(_drawn(7), "big") >> 3) / 2**53

    def getrandbits(self, k):
        return int.from_bytes(_drawn((k + 7) // 8), "big") >> (-k % 8)

    def randbytes(self, n):
        return _drawn(n)

    def seed(self, *_, **__):
        """It is the call that decides."""


_call_random = _CallRandom()
for _name in [name for name in random.__all__ if hasattr(_call_random, name)]:
    if not _name[0].isupper():
        setattr(random, _name, getattr(_call_random, _name))
os.urandom = _drawn


class _Lines(io.TextIOBase):
    """Standard output or error: each line becomes one of the log; while the plugin is built, the builder shows it."""

    def __init__(self, write, own):
        self._write = write
        self._own = own
        self._begun = ""

    def writable(self):
        return True

    def write(self, text):
        if not is_connected():
            return self._own.write(text)
        *lines, self._begun = (self._begun + text).split("\n")
        for line in lines:
            self._write(line)
        return len(text)

    def finish(self):
        """What was written without the end of a line."""
        begun, self._begun = self._begun, ""
        if begun:
            self._write(begun)


sys.stdout = _Lines(log.info, sys.stdout)
sys.stderr = _Lines(log.warn, sys.stderr)


def finish() -> None:
    """Ends the lines that a call left open."""
    sys.stdout.finish()
    sys.stderr.finish()
