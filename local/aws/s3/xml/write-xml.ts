/** Markup that is already escaped, so that it cannot be escaped again or be taken for text. */
export type Xml = { readonly markup: string };

type Child = Xml | string | number | undefined | readonly Child[];

const NAMESPACE = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"';

/** An element; strings are text, undefined is left out. */
export function element(name: string, ...children: readonly Child[]): Xml {
  return { markup: `<${name}>${children.map(markupOf).join("")}</${name}>` };
}

/** A whole document in S3's namespace. */
export function xmlDocument(name: string, ...children: readonly Child[]): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${name} ${NAMESPACE}>${children.map(markupOf).join("")}</${name}>`;
}

/** Errors and the answer to a form have no namespace. */
export function plainDocument(name: string, ...children: readonly Child[]): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element(name, ...children).markup}`;
}

function markupOf(child: Child): string {
  if (child === undefined) return "";
  if (typeof child !== "object") return escapeText(String(child));
  return "markup" in child ? child.markup : child.map(markupOf).join("");
}

const NAMED = new Map([
  ["&", "&amp;"],
  ["<", "&lt;"],
  [">", "&gt;"],
  ['"', "&quot;"],
]);

/** Control characters as references, as S3 writes keys that XML cannot hold; a bare CR would be read as LF. */
function escapeText(text: string): string {
  return text.replace(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this escapes
    /[&<>"\u0000-\u0008\u000b-\u001f\ufffe\uffff]/g,
    (character) => NAMED.get(character) ?? `&#${character.charCodeAt(0)};`,
  );
}
