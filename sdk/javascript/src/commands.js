// Changes that the plugin asks for: collected, and applied together with the call's result or not at all.

import { call } from "./host.js";

function request(command) {
  call("commands", "request", JSON.stringify(command));
}

export const commands = {
  request,
  note: (text) => request({ type: "note", text }),
  setPriority: (priority, score, reasons) => request({ type: "set-priority", priority, score, reasons }),
  setFields: (fields) => request({ type: "set-fields", fields }),
  transition: (name) => request({ type: "transition", transition: name }),
  tag: (tag) => request({ type: "tag", tag }),
  link: (kind, id) => request({ type: "link", kind, id }),
  unlink: (kind, id) => request({ type: "unlink", kind, id }),
  attach: (handle) => request({ type: "attach", document: handle }),
  sendMessage: (message) => request({ ...message, type: "send-message" }),
};
