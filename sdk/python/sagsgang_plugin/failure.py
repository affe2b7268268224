"""Failures of an action, and errors of what it reaches."""

from __future__ import annotations


class Failure(Exception):
    """Why an action failed, and what should happen now. Raised by an action; nothing that it asked for is applied."""

    def __init__(self, advice: str, code: str, message: str, retry_after_ms: int | None = None):
        super().__init__(message)
        #: `retry`, `reject` or `ask`.
        self.advice = advice
        #: The plugin's own stable word.
        self.code = code
        #: One sentence for a person.
        self.message = message
        #: When trying again may help.
        self.retry_after_ms = retry_after_ms

    @classmethod
    def retry(cls, code: str, message: str, after_ms: int | None = None) -> Failure:
        """The same call may succeed later."""
        return cls("retry", code, message, after_ms)

    @classmethod
    def reject(cls, code: str, message: str) -> Failure:
        """The call cannot succeed with this input."""
        return cls("reject", code, message)

    @classmethod
    def ask(cls, code: str, message: str) -> Failure:
        """Only a person can decide."""
        return cls("ask", code, message)


class HostError(Exception):
    """Why the engine did not do what it was asked.

    `code` is `denied`, `not-found`, `invalid`, `too-large`, `unavailable` or `rejected`. An action that lets it through
    fails with it: what is `unavailable` is tried again, everything else is not.
    """

    def __init__(self, code: str, message: str, retry_after_ms: int | None = None, detail: str | None = None):
        super().__init__(message)
        self.code = code
        self.message = message
        self.retry_after_ms = retry_after_ms
        self.detail = detail


def failure_of(raised: BaseException) -> Failure | None:
    """The failure that an action ends with when it raises this; nothing for a mistake in the plugin itself."""
    if isinstance(raised, Failure):
        return raised
    if not isinstance(raised, HostError):
        return None
    advice = "retry" if raised.code == "unavailable" else "reject"
    return Failure(advice, raised.code, raised.message, raised.retry_after_ms)
