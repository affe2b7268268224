// The glue between the functions of a plugin and the engine's two questions. Used by the build; not for authors.

import { failureOf } from "./failure.js";
import { log } from "./interface.js";

/** Says why the call breaks off, and breaks it off: a mistake of the plugin is no answer. */
function breakOff(reason) {
  log.error(reason);
  throw new Error(reason);
}

/**
 * Runs an action: JSON in, JSON out. What it throws passes through; a promise is a mistake, since nothing is left of the call
 * when it would be kept.
 */
export function answer(action, input) {
  const output = action(JSON.parse(input));
  if (typeof output?.then === "function") {
    // It fails as the call does, and not a second time by itself.
    output.then(undefined, () => {});
    const name = action.name === "" ? "the action" : `\`${action.name}\``;
    throw new TypeError(`${name} answered a promise; an action is a plain function, and what it calls answers at once`);
  }
  return JSON.stringify(output ?? null);
}

function fail({ advice, code, message, retryAfterMs }) {
  throw { advice, error: { code, message, retryAfterMs, detail: null } };
}

/** `actions`: for each action of the manifest, or panel, channel or provider, the function of this name that the plugin exports. */
export function serve(plugin, actions) {
  for (const [action, name] of Object.entries(actions)) {
    if (typeof plugin[name] !== "function") {
      throw new Error(`plugin.toml names \`${action}\`, but the plugin exports no function \`${name}\``);
    }
  }
  return {
    describe: () => JSON.stringify({ actions: Object.keys(actions).map((name) => ({ name })) }),
    run(action, input) {
      const name = Object.hasOwn(actions, action) ? actions[action] : undefined;
      if (name === undefined) {
        fail({ advice: "reject", code: "unknown-action", message: `there is no \`${action}\``, retryAfterMs: null });
      }
      try {
        return answer(plugin[name], input);
      } catch (thrown) {
        const failure = failureOf(thrown);
        if (failure === undefined) breakOff(thrown instanceof Error ? `${thrown}\n${thrown.stack ?? ""}` : `threw ${String(thrown)}`);
        fail(failure);
      }
    },
  };
}
