// Kinds of words as classes; which colours they have in light and dark is said by the style sheet of the pages.

import { tagHighlighter, tags } from "@lezer/highlight";

export const colours = tagHighlighter([
  { tag: [tags.propertyName, tags.definition(tags.propertyName), tags.keyword], class: "k" },
  { tag: [tags.string, tags.special(tags.string), tags.content], class: "s" },
  { tag: [tags.number, tags.bool, tags.null, tags.atom], class: "n" },
  { tag: [tags.comment, tags.lineComment, tags.meta], class: "c" },
  { tag: [tags.labelName, tags.typeName, tags.attributeValue], class: "e" },
]);
