// The interface works without any of this; each module makes one thing quicker.
import "./fields.js";
import "./keys.js";
import "./waiting.js";
import "./live.js";
