// A long list of choices is searched while somebody types: a combobox with a listbox (ARIA 1.2) in the place of the list,
// which stays in its form and keeps the value. Loaded with the first key or press on such a list.

const MOST_SHOWN = 50;

// Marks a choice of those that are shown, and tells which it is.
export const mark = (input, shown, index) => {
  const chosen = Math.max(0, Math.min(shown.length - 1, index));
  const active = shown[chosen];
  for (const one of shown) one.setAttribute("aria-selected", one === active);
  if (active) input.setAttribute("aria-activedescendant", active.id);
  else input.removeAttribute("aria-activedescendant");
  active?.scrollIntoView({ block: "nearest" });
  return chosen;
};

export const open = (select, typed) => {
  const place = select.parentElement;
  const already = place.querySelector("[role=combobox]");
  if (already) {
    already.value += typed;
    return already.dispatchEvent(new Event("input"));
  }
  const make = (kind, attributes) => {
    const element = document.createElement(kind);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    return element;
  };
  const label = select.labels[0]?.textContent.trim() ?? "";
  const id = `${select.id}-found`;
  const list = make("ul", { id, role: "listbox", class: "combo", "aria-label": label });
  const input = make("input", {
    class: "input",
    role: "combobox",
    autocomplete: "off",
    placeholder: select.selectedOptions[0]?.text ?? "",
    "aria-label": label,
    "aria-expanded": "true",
    "aria-controls": id,
    "aria-autocomplete": "list",
  });
  // What refreshes the page leaves the form alone, with the version that was seen when the choice was begun.
  const held = select.form ?? place;
  let shown = [];
  let chosen = 0;

  const choose = (index) => (chosen = mark(input, [...list.children], index));
  const draw = () => {
    const typed = input.value.toLowerCase().trim();
    const words = typed.split(/\s+/);
    const fits = ({ text }) => words.every((word) => text.toLowerCase().includes(word));
    const found = [...select.options].filter(fits);
    // Without a word all are offered, around the present one.
    const first = typed ? 0 : Math.max(0, select.selectedIndex - MOST_SHOWN / 2);
    shown = found.slice(first, first + MOST_SHOWN);
    list.replaceChildren(...shown.map((option, index) => {
      const item = make("li", { id: `${id}-${index}`, role: "option" });
      item.textContent = option.text;
      return item;
    }));
    list.hidden = !shown.length;
    input.setAttribute("aria-expanded", shown.length > 0);
    choose(typed ? 0 : select.selectedIndex - first);
  };
  const close = () => {
    input.removeEventListener("blur", close);
    input.remove();
    list.remove();
    select.hidden = false;
    held.removeAttribute("hx-morph-skip");
  };
  const take = (option) => {
    close();
    select.focus();
    if (!option || option.selected) return;
    option.selected = true;
    select.dispatchEvent(new Event("change", { bubbles: true }));
  };
  input.addEventListener("input", draw);
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 }[event.key];
    if (step) choose(chosen + step);
    else if (event.key === "Enter") take(shown[chosen]);
    else if (event.key === "Escape") take();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  // The focus stays in the field, which a press on a choice would take away.
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", ({ target }) => take(shown[[...list.children].indexOf(target)]));
  held.setAttribute("hx-morph-skip", "");
  select.hidden = true;
  select.after(input, list);
  input.value = typed;
  draw();
  input.focus();
};
