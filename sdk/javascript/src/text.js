// Text to UTF-8 and back; the interpreter has no TextEncoder of its own.

/** Characters that are made into a text at once: a call takes no more arguments than the interpreter's stack has room for. */
const PIECE = 4096;

/** The bytes of a text; bytes stay as they are. */
export function bytesOf(content) {
  if (typeof content !== "string") return content;
  // A unit of UTF-16 becomes three bytes at most.
  const bytes = new Uint8Array(content.length * 3);
  let length = 0;
  for (let at = 0; at < content.length; at += 1) {
    const unit = content.charCodeAt(at);
    if (unit < 0x80) {
      bytes[length] = unit;
      length += 1;
      continue;
    }
    const point = content.codePointAt(at);
    if (point > 0xffff) at += 1;
    // A half of a pair stands for nothing, and is written as the replacement character.
    length = put(bytes, length, point >= 0xd800 && point <= 0xdfff ? 0xfffd : point);
  }
  return bytes.slice(0, length);
}

/** Writes a character that is no ASCII, and says where the next one goes. */
function put(bytes, at, point) {
  const more = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
  bytes[at] = [0, 0xc0, 0xe0, 0xf0][more] | (point >> (6 * more));
  for (let index = 1; index <= more; index += 1) bytes[at + index] = 0x80 | ((point >> (6 * (more - index))) & 0x3f);
  return at + more + 1;
}

/** The text that bytes are in UTF-8; what is none becomes the replacement character. */
export function textOf(bytes) {
  const parts = [];
  for (let at = 0; at < bytes.length; ) {
    let end = at;
    while (end < bytes.length && end - at < PIECE && bytes[end] < 0x80) end += 1;
    if (end > at) {
      parts.push(String.fromCharCode.apply(null, bytes.subarray(at, end)));
      at = end;
      continue;
    }
    const point = pointAt(bytes, at);
    parts.push(point < 0 ? "\ufffd" : String.fromCodePoint(point));
    at += point < 0 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
  }
  return parts.join("");
}

/** The character that is no ASCII and begins here; -1 where none does. */
function pointAt(bytes, at) {
  const first = bytes[at];
  const more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;
  if (first < 0xc2 || first > 0xf4 || at + more >= bytes.length) return -1;
  let point = first & (0x3f >> more);
  for (let index = 1; index <= more; index += 1) {
    if ((bytes[at + index] & 0xc0) !== 0x80) return -1;
    point = (point << 6) | (bytes[at + index] & 0x3f);
  }
  const least = [0, 0x80, 0x800, 0x10000][more];
  return point < least || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff) ? -1 : point;
}
