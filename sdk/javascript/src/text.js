// Text to UTF-8 and back; the interpreter has no TextEncoder of its own.

/** The bytes of a text; bytes stay as they are. */
export function bytesOf(content) {
  if (typeof content !== "string") return content;
  const bytes = [];
  for (const character of content) {
    // A half of a pair stands for nothing, and is written as the replacement character.
    const point = character.codePointAt(0);
    put(bytes, point >= 0xd800 && point <= 0xdfff ? 0xfffd : point);
  }
  return new Uint8Array(bytes);
}

function put(bytes, point) {
  if (point < 0x80) return bytes.push(point);
  const more = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
  const first = [0, 0xc0, 0xe0, 0xf0][more];
  bytes.push(first | (point >> (6 * more)));
  for (let left = more - 1; left >= 0; left -= 1) bytes.push(0x80 | ((point >> (6 * left)) & 0x3f));
}

/** The text that bytes are in UTF-8; what is none becomes the replacement character. */
export function textOf(bytes) {
  const parts = [];
  for (let at = 0; at < bytes.length; ) {
    const { point, length } = pointAt(bytes, at);
    parts.push(String.fromCodePoint(point));
    at += length;
  }
  return parts.join("");
}

function pointAt(bytes, at) {
  const first = bytes[at];
  if (first < 0x80) return { point: first, length: 1 };
  const more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;
  const bad = { point: 0xfffd, length: 1 };
  if (first < 0xc2 || first > 0xf4 || at + more >= bytes.length) return bad;
  let point = first & (0x3f >> more);
  for (let index = 1; index <= more; index += 1) {
    if ((bytes[at + index] & 0xc0) !== 0x80) return bad;
    point = (point << 6) | (bytes[at + index] & 0x3f);
  }
  const least = [0, 0x80, 0x800, 0x10000][more];
  return point < least || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff) ? bad : { point, length: more + 1 };
}
