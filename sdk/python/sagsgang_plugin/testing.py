"""An engine inside a test: `python -m unittest` runs an action against it, without building anything."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any, Callable

from .failure import Failure, HostError, failure_of
from .host import connect

__all__ = ["Failure", "Host", "HostError"]


class Host:
    """What an action meets. Members that begin as given can be changed before the call, the others are read after it."""

    def __init__(self, case: dict[str, Any] | None = None):
        self.case = case
        self.actor = {"kind": "person", "id": "anna", "name": "Anna Friis"}
        self.locale = "da"
        self.configuration: Any = None
        self.idempotency_key = "test"
        self.now_us = 1_795_521_600_000_000
        #: What `cases.read` finds, by id or number.
        self.other_cases: dict[str, Any] = {}
        #: The bytes that count as signed with each secret, whatever the code is.
        self.signed: dict[str, bytes] = {}
        #: What is answered to the next requests: `status`, `headers`, `body`.
        self.answers: list[dict[str, Any]] = []
        #: What was sent.
        self.requests: list[Any] = []
        #: What was asked for, in order.
        self.commands: list[dict[str, Any]] = []
        #: What was drawn or written, with its name.
        self.documents: list[tuple[str, Any]] = []
        #: Levels and lines.
        self.log: list[tuple[str, str]] = []
        self.kept: dict[str, bytes] = {}

    def call(self, action: Callable[[Any], Any], input: Any) -> Any:
        """Runs an action as the engine does: JSON in, JSON out, nothing kept of what a failed call asked for."""
        before = (list(self.commands), list(self.documents), dict(self.kept))
        connect(self._interfaces())
        try:
            return json.loads(json.dumps(action(json.loads(json.dumps(input)))))
        except Exception as raised:
            self.commands, self.documents, self.kept = before
            failure = failure_of(raised)
            if failure is None or failure is raised:
                raise
            raise failure from None
        finally:
            connect(None)

    def _interfaces(self) -> dict[str, Any]:
        return {
            "log": SimpleNamespace(write=lambda level, message: self.log.append((level, message))),
            "context": SimpleNamespace(
                case=lambda: None if self.case is None else json.dumps(self.case),
                actor=lambda: json.dumps(self.actor),
                locale=lambda: self.locale,
                configuration=lambda: json.dumps(self.configuration),
                idempotency_key=lambda: self.idempotency_key,
                now=lambda: self.now_us,
                is_signed=self._is_signed,
            ),
            "cases": SimpleNamespace(read=self._read),
            "commands": SimpleNamespace(request=lambda text: self.commands.append(json.loads(text))),
            "documents": SimpleNamespace(render=lambda text, name: self._keep(name, json.loads(text))),
            "blobs": SimpleNamespace(
                read=lambda handle: self.documents[int(handle[1:])][1],
                write=lambda name, media_type, data: self._keep(name, data),
            ),
            "kv": SimpleNamespace(
                get=lambda key: self.kept.get(key),
                set=lambda key, value: self.kept.__setitem__(key, value),
                delete=lambda key: self.kept.pop(key, None),
            ),
            "http": SimpleNamespace(send=self._answer),
            "random": SimpleNamespace(bytes=lambda length: bytes((i * 37) & 0xFF for i in range(min(length, 1024)))),
        }

    def _is_signed(self, secret: str, message: bytes, code: bytes) -> bool:
        if secret not in self.signed:
            raise HostError("not-found", f"the secret `{secret}` is not configured")
        return self.signed[secret] == message

    def _read(self, id_or_number: str) -> str:
        if id_or_number not in self.other_cases:
            raise HostError("not-found", f"there is no case {id_or_number}")
        return json.dumps(self.other_cases[id_or_number])

    def _keep(self, name: str, content: Any) -> str:
        self.documents.append((name, content))
        return f"d{len(self.documents) - 1}"

    def _answer(self, request: Any) -> Any:
        self.requests.append(request)
        if not self.answers:
            raise HostError("unavailable", f"no answer was prepared for {request.method} {request.url}")
        answer = self.answers.pop(0)
        body = answer.get("body", b"")
        if not isinstance(body, (bytes, str)):
            body = json.dumps(body)
        body = body.encode() if isinstance(body, str) else body
        return SimpleNamespace(
            status=answer.get("status", 200), headers=list(answer.get("headers", {}).items()), body=body
        )
