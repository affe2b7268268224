// Rows of a list: moving the cursor, ticking rows, and what the bar above them says.

const rows = () => [...document.querySelectorAll("tr[data-row]")];
const box = (row) => row?.querySelector("[name=case]");
const ticked = () => rows().map(box).filter((one) => one?.checked);
const cursor = () => document.querySelector("tr.is-cursor");

export const moveRow = (step) => {
  const all = rows();
  const now = cursor();
  const next = all[Math.min(all.length - 1, Math.max(0, all.indexOf(now) + step))];
  now?.classList.remove("is-cursor");
  next?.classList.add("is-cursor");
  next?.querySelector("a").focus();
};

export const tickRow = () => box(cursor())?.click();

// Keys that change cases work on the ticked ones, or on the one under the cursor.
export const tickSomething = () => ticked().length || tickRow();

export const clearTicks = () => ticked().length && document.getElementById("bulk").reset();

const tell = () => {
  const said = document.querySelector("[data-selected]");
  if (said) said.textContent = `${said.dataset.selected}: ${ticked().length}`;
};

// Shift and an arrow take the next row with the present one, and on the way back let it go again.
document.addEventListener("keydown", ({ key, shiftKey, target }) => {
  const step = shiftKey && { ArrowDown: 1, ArrowUp: -1 }[key];
  if (!step || target.matches("input:not(.check), select, dialog *")) return;
  const from = box(cursor());
  moveRow(step);
  const to = box(cursor());
  if (from && from !== to) from.checked = !to.checked;
  if (to) to.checked = true;
  tell();
});

let last;
document.addEventListener("click", ({ target, shiftKey }) => {
  const row = target.closest?.("tr[data-row]");
  if (target !== box(row)) return;
  const all = rows();
  const [from, to] = [all.indexOf(last), all.indexOf(row)].sort((a, b) => a - b);
  if (shiftKey && from >= 0) for (const one of all.slice(from, to)) box(one).checked = target.checked;
  last = row;
});
document.addEventListener("change", ({ target }) => {
  if (target.matches("[data-check-all]")) for (const row of rows()) box(row).checked = target.checked;
  tell();
});
document.addEventListener("reset", () => setTimeout(tell));
