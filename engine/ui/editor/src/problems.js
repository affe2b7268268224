// What the check found, read from the list below the editor and underlined where it stands.

import { setDiagnostics } from "@codemirror/lint";

/** Underlines every problem of the list. */
export function underline(view) {
  const rows = document.querySelectorAll("#problems [data-line]");
  const found = [...rows].map((row) => diagnostic(view.state.doc, row)).filter(Boolean);
  found.sort((one, other) => one.from - other.from);
  view.dispatch(setDiagnostics(view.state, found));
}

function diagnostic(doc, row) {
  const { line, column, severity } = row.dataset;
  // The check knows a text that may have grown shorter since.
  if (Number(line) < 1 || Number(line) > doc.lines) return undefined;
  const { from, text } = doc.line(Number(line));
  const start = unitsBefore(text, Number(column) - 1);
  return {
    from: from + start,
    to: from + endOfWord(text, start),
    severity,
    message: row.querySelector("[data-message]").textContent.trim(),
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
