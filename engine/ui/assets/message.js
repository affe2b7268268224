// How many parts a text message has, and how long one can still be taken back. Loaded where messages are written.

const GSM_7 = /^[@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&'()*+,\-./0-9:;<=>?¡A-ZÄÖÑÜ§¿a-zäöñüà^{}\\[~\]|€]*$/;
const count = (form) => {
  const shown = form.querySelector("[data-sms-count]");
  if (!shown) return;
  const text = form.elements.body.value;
  const plain = GSM_7.test(text);
  const length = plain ? text.length + (text.match(/[\^{}\\[~\]|€]/g) ?? []).length : text.length;
  const [single, part] = plain ? [160, 153] : [70, 67];
  const parts = length <= single ? 1 : Math.ceil(length / part);
  shown.textContent = `${length} / ${parts === 1 ? single : parts * part} · ${parts} SMS`;
};

const countAll = () => {
  for (const shown of document.querySelectorAll("[data-sms-count]")) count(shown.closest("form"));
};
for (const kind of ["input", "htmx:after:swap"]) document.addEventListener(kind, countAll);
countAll();

// Seconds in which a message can still be taken back.
setInterval(() => {
  for (const left of document.querySelectorAll("[data-seconds]")) {
    if (--left.textContent < 1) left.closest("form").remove();
  }
}, 1000);

// Whoever writes @ in a note chooses a colleague, and goes on writing behind the name.
document.addEventListener("input", ({ data, target }) => {
  const names = document.getElementById("mention");
  if (data !== "@" || target.id !== "msg" || !names?.offsetParent) return;
  names.selectedIndex = -1;
  names.onfocus = () => target.focus();
  names.onchange = () => {
    target.setRangeText(`${names.value} `, target.selectionStart, target.selectionEnd, "end");
    target.dispatchEvent(new Event("input", { bubbles: true }));
  };
  import("./combobox.js").then(({ open }) => open(names, ""));
});
