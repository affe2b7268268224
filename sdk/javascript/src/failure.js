// Failures of an action, and errors of what it reaches.

/** Why an action failed, and what should happen now. Nothing that it asked for is applied. */
export class Failure extends Error {
  constructor(advice, code, message) {
    super(message);
    this.name = "Failure";
    this.advice = advice;
    this.code = code;
    this.retryAfterMs = null;
  }

  static retry(code, message) {
    return new Failure("retry", code, message);
  }

  static reject(code, message) {
    return new Failure("reject", code, message);
  }

  static ask(code, message) {
    return new Failure("ask", code, message);
  }

  afterMs(milliseconds) {
    this.retryAfterMs = milliseconds;
    return this;
  }
}

/** Why the engine did not do what it was asked. */
export class HostError extends Error {
  constructor({ code, message, retryAfterMs = null, detail = null }) {
    super(message);
    this.name = "HostError";
    this.code = code;
    this.retryAfterMs = retryAfterMs;
    this.detail = detail;
  }
}

/** The failure that an action ends with when it throws this; nothing for what is a mistake in the plugin itself. */
export function failureOf(thrown) {
  if (thrown instanceof Failure) return thrown;
  if (!(thrown instanceof HostError)) return undefined;
  // What is unavailable is worth another try; everything else will not get better by itself.
  const advice = thrown.code === "unavailable" ? "retry" : "reject";
  const failure = new Failure(advice, thrown.code, thrown.message);
  return thrown.retryAfterMs == null ? failure : failure.afterMs(thrown.retryAfterMs);
}
