// What the check found, read from the list below the editor and underlined where it stands.

import { forEachDiagnostic, setDiagnostics } from "@codemirror/lint";
import { EditorView } from "@codemirror/view";

/** Underlines every problem of the list. */
export function underline(view) {
  const rows = document.querySelectorAll("#problems [data-line]");
  const found = [...rows].map((row) => diagnostic(view.state.doc, row)).filter(Boolean);
  found.sort((one, other) => one.from - other.from);
  view.dispatch(setDiagnostics(view.state, found));
}

/**
 * Goes to the next problem, the first after the last. Its line is shown from the beginning, and scrolled sideways only as far
 * as the place of the problem takes; the editor's own command scrolls to the end of what is underlined.
 */
export function goToNext(view) {
  const found = [];
  forEachDiagnostic(view.state, (one, from, to) => found.push({ from, to }));
  if (!found.length) return false;
  const { head, empty } = view.state.selection.main;
  const { from, to } = found.find((one) => (empty ? one.from >= head : one.from > head)) ?? found[0];
  view.scrollDOM.scrollLeft = 0;
  view.dispatch({ selection: { anchor: to, head: from }, effects: EditorView.scrollIntoView(from, { y: "center" }) });
  return true;
}

/** Puts the word of a problem right, as its button says; false where another word stands there by now. */
export function mend(view, button) {
  const [line, column, from, to] = JSON.parse(button.value);
  const { doc } = view.state;
  if (line > doc.lines) return false;
  const { from: begin, text } = doc.line(line);
  let place = unitsBefore(text, column - 1);
  if (`"'`.includes(text[place] ?? " ")) place += 1;
  // A longer word that begins like it is another one.
  if (!text.startsWith(from, place) || /[\p{L}\p{N}\-_.@/]/u.test(text[place + from.length] ?? "")) return false;
  const changes = { from: begin + place, to: begin + place + from.length, insert: to };
  view.dispatch({ changes, selection: { anchor: begin + place + to.length }, userEvent: "input.complete", scrollIntoView: true });
  view.focus();
  return true;
}

function diagnostic(doc, row) {
  const { line, column, severity } = row.dataset;
  // The check knows a text that may have grown shorter since.
  if (Number(line) < 1 || Number(line) > doc.lines) return undefined;
  const { from, text } = doc.line(Number(line));
  const start = unitsBefore(text, Number(column) - 1);
  const button = row.querySelector("[name=fix]");
  return {
    from: from + start,
    to: from + endOfWord(text, start),
    severity,
    message: row.querySelector("[data-message]").textContent.trim(),
    actions: button ? [{ name: button.textContent, apply: (view) => void mend(view, button) }] : [],
  };
}

/** Columns count characters, the editor counts units of two bytes. */
function unitsBefore(text, characters) {
  return [...text].slice(0, Math.max(0, characters)).join("").length;
}

/** To the end of the word, so that there is something to underline. */
function endOfWord(text, start) {
  const word = /^["']?[\p{L}\p{N}_.:/-]*[\p{L}\p{N}_]["']?/u.exec(text.slice(start));
  return Math.min(text.length, start + (word ? word[0].length : 1));
}
