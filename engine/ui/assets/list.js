// Rows of a list: moving the cursor, ticking rows, and what the bar above them says.

const rows = () => [...document.querySelectorAll("tr[data-row]")];
const box = (row) => row?.querySelector("[name=case]");
const ticked = () => rows().map(box).filter((one) => one?.checked);

export const moveRow = (step) => {
  const all = rows();
  const now = all.findIndex((row) => row.classList.contains("is-cursor"));
  const next = all[Math.min(all.length - 1, Math.max(0, now + step))];
  all[now]?.classList.remove("is-cursor");
  next?.classList.add("is-cursor");
  next?.querySelector("a").focus();
};

export const tickRow = () => box(document.querySelector("tr.is-cursor"))?.click();

// Keys that change cases work on the ticked ones, or on the one under the cursor.
export const tickSomething = () => ticked().length || tickRow();

export const clearTicks = () => ticked().length && document.getElementById("bulk").reset();

const tell = () => {
  const said = document.querySelector("[data-selected]");
  if (said) said.textContent = `${said.dataset.selected}: ${ticked().length}`;
};

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
