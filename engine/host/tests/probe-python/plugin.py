"""The guest with which the host is tested, in Python: every function of the interface, and ways to misbehave."""

import datetime
import random as chance
import time
import uuid

from sagsgang_plugin import Failure, HostError, blobs, cases, commands, context, documents, http, kv, log, random


def conform(input):
    """What every function answers, in one object; the same questions as in the other languages."""
    log.debug("looking")
    log.info("seeing")
    log.warn("probing")
    log.error("failing")
    return {
        "case": attempt(context.case),
        "actor": context.actor()["name"],
        "locale": context.locale(),
        "configuration": context.configuration(),
        "key": context.idempotency_key(),
        "now": context.now_us(),
        "other": attempt(lambda: cases.read(input["other"])["title"]),
        "missing": attempt(lambda: cases.read("nowhere")),
        "note": attempt(lambda: done(commands.note("probed"))),
        "forbidden": attempt(lambda: done(commands.tag("x"))),
        "malformed": attempt(lambda: done(commands.request({"type": "note", "txt": "x"}))),
        "document": attempt(lambda: done(commands.attach(documents.render(input["description"], "label.pdf")), "attached")),
        "undrawable": attempt(lambda: done(documents.render({"kind": "poem"}, "poem.pdf"))),
        "file": attempt(lambda: len(blobs.read(blobs.write("note.txt", "text/plain", "hello")))),
        "kept": attempt(keep),
        "signed": attempt(lambda: context.is_signed("token", "x", bytes(32))),
        "random": attempt(lambda: len(random.bytes(8))),
        "answer": attempt(lambda: http.post_json(input["url"], {"n": 1}).status),
        "elsewhere": attempt(lambda: http.get("https://elsewhere.example/").status),
    }


def shown(input):
    """A panel of a sentence."""
    return {"parts": [{"type": "note", "tone": "good", "text": f"Sag {context.case()['number']}"}], "summary": context.locale()}


def keep():
    kv.set("count", 1)
    kv.delete("gone")
    return str(kv.get("count"))


def done(_, word="ok"):
    return word


def attempt(question):
    try:
        return question()
    except HostError as error:
        return error.code


#: What stays of one call for the next would be seen here.
calls = []


def spin(_):
    while True:
        pass


def memory(_):
    blocks = []
    while True:
        blocks.append(bytearray(1 << 20))


def recurse(_):
    return recurse(_) + 1


def throw(_):
    commands.note("never to be seen")
    kv.set("half", "done")
    raise TypeError("a broken promise")


def output(input):
    return "x" * input["bytes"]


def refuse(_):
    raise Failure.retry("gateway-busy", "the gateway is busy", after_ms=1_500)


def count(_):
    calls.append(1)
    return len(calls)


def clock(_):
    now = datetime.datetime.now(datetime.timezone.utc)
    return [time.time(), now.isoformat(), datetime.date.today().isoformat(), time.monotonic()]


def kinds(_):
    class Day(datetime.date):
        pass

    now = datetime.datetime.now()
    return [
        isinstance(now.date(), datetime.date),
        isinstance(now, datetime.date),
        isinstance(datetime.datetime.max, datetime.datetime),
        issubclass(datetime.datetime, datetime.date),
        isinstance(Day.today(), Day),
        isinstance(now.date(), datetime.datetime),
        isinstance(now.date(), Day),
    ]


def draw(_):
    return [chance.random(), chance.randint(1, 6), str(uuid.uuid4())]


def speak(_):
    print("one", 2)
    print("open", end="")


def sleep(_):
    time.sleep(1)


WAYS = {
    "spin": spin, "memory": memory, "recurse": recurse, "throw": throw, "output": output, "refuse": refuse, "count": count,
    "clock": clock, "kinds": kinds, "chance": draw, "speak": speak, "sleep": sleep,
}


def misbehave(input):
    """Misbehaves in the way that is asked for."""
    return WAYS[input["way"]](input)


def decide(input):
    """A small decision over a case, as many plugins make one. What a call costs is measured with it."""
    score = input["repeats"] * 10 + (40 if input["fields"].get("fraction") == "hazardous" else 0)
    return {"priority": "high" if score >= 30 else "normal", "score": score}
