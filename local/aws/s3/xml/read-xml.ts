import { S3Error } from "../s3-error.ts";

/** An element of a request's body: its text, or its children. Attributes are of no use to S3. */
export type XmlElement = { name: string; text: string; children: XmlElement[] };

const DEEPEST = 12;

const TOKEN = new RegExp(
  [
    /<\?[^>]*\?>/, // declaration
    /<!--[\s\S]*?-->/,
    /<(?<close>\/?)(?<name>[A-Za-z_][\w.-]*)(?:\s+[\w:.-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*\s*(?<empty>\/?)>/,
    /(?<text>[^<]+)/,
  ]
    .map((pattern) => pattern.source)
    .join("|"),
  "y",
);

/**
 * Reads the XML that S3's clients send: elements, text, attributes that are skipped, the five named entities and
 * character references. No document type, so no entities to expand; no namespace prefixes. A general parser would read
 * more than S3 does, and drops the control characters that keys may have.
 *
 * @returns the root element, which must have this name.
 * @throws {S3Error} `MalformedXML`
 */
export function readXml(document: string, rootName: string): XmlElement {
  const top: XmlElement = { name: "", text: "", children: [] };
  const open = [top];
  const text = document.replace(/^\uFEFF/, "").replace(/\r\n?/g, "\n"); // XML 1.0 §2.11
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const groups = TOKEN.exec(text)?.groups;
    if (groups === undefined) throw new S3Error("MalformedXML");
    step(open, groups);
  }
  const [root] = top.children;
  if (open.length !== 1 || root?.name !== rootName || top.children.length !== 1 || top.text.trim() !== "") {
    throw new S3Error("MalformedXML");
  }
  return root;
}

function step(open: XmlElement[], groups: Record<string, string | undefined>): void {
  const current = open.at(-1);
  if (current === undefined) throw new S3Error("MalformedXML");
  if (groups.text !== undefined) {
    current.text += unescapeText(groups.text);
  } else if (groups.name !== undefined && groups.close === "/") {
    if (open.length === 1 || current.name !== groups.name) throw new S3Error("MalformedXML");
    open.pop();
  } else if (groups.name !== undefined) {
    const child: XmlElement = { name: groups.name, text: "", children: [] };
    current.children.push(child);
    if (groups.empty === "") open.push(child);
    if (open.length > DEEPEST) throw new S3Error("MalformedXML");
  }
}

const NAMED = new Map([
  ["amp", "&"],
  ["lt", "<"],
  ["gt", ">"],
  ["quot", '"'],
  ["apos", "'"],
]);

function unescapeText(text: string): string {
  return text.replace(/&(?:(\w{2,4})|#(\d{1,7})|#x([0-9a-fA-F]{1,6}));|&/g, (_, name, decimal, hex) => {
    if (name !== undefined) return NAMED.get(name) ?? malformed();
    const code = decimal !== undefined ? Number(decimal) : Number.parseInt(hex ?? "", 16);
    return isScalar(code) ? String.fromCodePoint(code) : malformed();
  });
}

function isScalar(code: number): boolean {
  return code <= 0xd7ff || (code >= 0xe000 && code <= 0x10ffff);
}

function malformed(): never {
  throw new S3Error("MalformedXML");
}

export function childrenNamed(parent: XmlElement, name: string): XmlElement[] {
  return parent.children.filter((child) => child.name === name);
}

export function childText(parent: XmlElement, name: string): string | undefined {
  return childrenNamed(parent, name)[0]?.text;
}

/** @throws {S3Error} `MalformedXML` if there is none. */
export function requiredText(parent: XmlElement, name: string): string {
  return childText(parent, name) ?? malformed();
}

/** @throws {S3Error} `MalformedXML` */
export function wholeNumber(text: string): number {
  return /^\d{1,9}$/.test(text) ? Number(text) : malformed();
}
