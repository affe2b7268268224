// Files that are chosen, dropped on a page or pasted into it. Loaded where they can be attached.

document.addEventListener("change", ({ target }) => {
  if (target.dataset?.most) weigh(target);
  if (target.dataset?.sends) send(target);
});

// Files that are too large are told before they are sent.
const weigh = (input) => {
  const bytes = [...input.files].reduce((sum, file) => sum + file.size, 0);
  input.setCustomValidity(bytes > input.dataset.most ? input.dataset.tooLarge : "");
};

// Text that is dragged is none of ours.
const drop = ({ target, dataTransfer: data }) => (data && !data.types.includes("Files") ? null : target.closest?.("[data-drop]"));
for (const kind of ["dragover", "dragleave", "drop"]) document.addEventListener(kind, (event) => {
  const area = drop(event);
  if (!area) return;
  event.preventDefault();
  area.classList.toggle("is-over", kind === "dragover");
  if (kind === "drop") upload(area, event.dataTransfer.files);
});
// Programs that copy text often put a picture of it beside the text.
document.addEventListener("paste", (event) => {
  const area = drop(event) ?? document.querySelector(".drop[data-drop]");
  const { files, types } = event.clipboardData;
  if (area && files.length && !types.includes("text/plain")) upload(area, files);
});
const upload = (area, files) => {
  const input = document.getElementById(area.dataset.drop);
  if (!input || !files.length) return;
  input.files = files;
  weigh(input);
  send(input);
};
const send = (input) => {
  const button = document.getElementById(input.dataset.sends);
  if (!input.files.length || !input.reportValidity()) return;
  if (button) button.click();
  else input.form.requestSubmit();
};
