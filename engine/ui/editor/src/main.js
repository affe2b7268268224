// The editor of definitions. The textarea stays what is posted and what works without this script: the editor lies before it,
// hands every change on to it, and takes over what anything else writes into it.

import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { bracketMatching, indentOnInput, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { lintGutter, lintKeymap } from "@codemirror/lint";
import { Annotation, Compartment, EditorState } from "@codemirror/state";
import {
  EditorView,
  drawSelection,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
} from "@codemirror/view";
import { completion } from "./completion.js";
import { colours } from "./colours.js";
import { goToNext, mend, underline } from "./problems.js";

const fromTextarea = Annotation.define();
const tabs = new Compartment();

/** Puts an editor before a textarea. */
function begin(textarea, place) {
  const { words, completions, kind } = place.dataset;
  const form = textarea.form;
  const submit = () => {
    form.requestSubmit();
    return true;
  };
  const state = EditorState.create({
    doc: textarea.value,
    extensions: [
      // First, so that they go before the keys of the editor.
      keymap.of([
        { key: "Mod-Enter", run: submit, stopPropagation: true },
        { key: "F8", run: goToNext },
      ]),
      completion(completions, kind),
      lineNumbers(),
      lintGutter(),
      history(),
      drawSelection(),
      highlightActiveLine(),
      highlightActiveLineGutter(),
      bracketMatching(),
      indentOnInput(),
      indentUnit.of("  "),
      yaml(),
      syntaxHighlighting(colours),
      tabs.of([]),
      keymap.of([...defaultKeymap, ...historyKeymap, ...lintKeymap]),
      EditorState.phrases.of(JSON.parse(words)),
      EditorState.readOnly.of(textarea.readOnly),
      EditorView.cspNonce.of(nonce()),
      EditorView.contentAttributes.of({
        tabindex: "0",
        "aria-label": textarea.labels[0].textContent,
        "aria-describedby": textarea.getAttribute("aria-describedby"),
      }),
      EditorView.updateListener.of((update) => {
        if (update.docChanged && !update.transactions.some((one) => one.annotation(fromTextarea))) hand(update.view, textarea);
      }),
    ],
  });
  const view = new EditorView({ state, parent: place });
  textarea.addEventListener("input", () => take(view, textarea));
  document.addEventListener("htmx:after:swap", () => {
    // The answer speaks of the text as it was when it was sent: what was written since then stays.
    textarea.value = view.state.doc.toString();
    underline(view);
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("#problems [name=fix]");
    // In the editor it can be undone; where it does not fit, the server says so.
    if (button && mend(view, button)) event.preventDefault();
  });
  switchOfTab(view);
  underline(view);
}

/** The page's own number, which permits the editor's styles and no others. */
function nonce() {
  return document.querySelector("script[data-editor]").nonce;
}

/** What was written goes into the form, which keeps it as a draft and has it checked. */
function hand(view, textarea) {
  textarea.value = view.state.doc.toString();
  textarea.dispatchEvent(new Event("input", { bubbles: true }));
}

/** What something else wrote into the form comes into the editor. */
function take(view, textarea) {
  const text = view.state.doc.toString();
  if (textarea.value === text) return;
  const changes = { from: 0, to: text.length, insert: textarea.value };
  view.dispatch({ changes, annotations: fromTextarea.of(true) });
}

/** Tab leaves the editor, so that nobody is caught in it, unless a person has it indent. */
function switchOfTab(view) {
  const button = document.getElementById("tab-indents");
  if (!button) return;
  button.hidden = false;
  button.addEventListener("click", () => {
    const indents = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(indents));
    view.dispatch({ effects: tabs.reconfigure(indents ? keymap.of([indentWithTab]) : []) });
    view.focus();
  });
}

const textarea = document.getElementById("text");
const place = document.getElementById("editor-view");
if (textarea && place) begin(textarea, place);
