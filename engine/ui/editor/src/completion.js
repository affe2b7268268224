// Proposals from the engine, which knows the language, the installed plugins and the fields of the case types.

import { acceptCompletion, autocompletion, closeCompletion, completionKeymap, completionStatus } from "@codemirror/autocomplete";
import { Prec } from "@codemirror/state";
import { keymap } from "@codemirror/view";

/** What a proposal may go on with while no new ones are asked for. */
const GOES_ON = /^[\w./:@-]*$/;

/** Proposals from an address for a kind of definition; none where there is no address. */
export function completion(address, kind) {
  if (!address) return [];
  const source = (context) => propose(address, kind, context);
  // Before Escape leaves the editor, it closes the list, and nothing else on the page hears of it.
  const close = { key: "Escape", run: closeCompletion, stopPropagation: true };
  return [
    autocompletion({
      override: [source],
      defaultKeymap: false,
      icons: false,
      activateOnTypingDelay: 200,
      // After `call: ` the value is wanted next.
      activateOnCompletion: ({ apply }) => apply.endsWith(" "),
    }),
    Prec.highest(keymap.of([...completionKeymap.filter((one) => one.key !== "Escape"), close, { key: "Tab", run: acceptOpen }])),
  ];
}

/** Tab takes the chosen proposal, but only while the list is open. */
function acceptOpen(view) {
  return completionStatus(view.state) === "active" && acceptCompletion(view);
}

async function propose(address, kind, context) {
  const word = context.matchBefore(/[\w./:@-]+/);
  if (!word && !context.explicit) return null;
  const asking = new AbortController();
  context.addEventListener("abort", () => asking.abort());
  const asked = { text: context.state.doc.toString(), offset: context.pos, kind };
  try {
    const answer = await fetch(address, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(asked),
      signal: asking.signal,
    });
    if (!answer.ok) return null;
    const { from, items } = await answer.json();
    return { from, options: items.map(option), validFor: GOES_ON };
  } catch {
    // Without an answer one writes without proposals.
    return null;
  }
}

function option({ label, detail, insert }) {
  return { label, detail: detail || undefined, apply: insert || label };
}
