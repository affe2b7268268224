// The interface works without any of this; each module makes one thing quicker.
import "./fields.js";
import "./composer.js";
import "./keys.js";
import "./live.js";
