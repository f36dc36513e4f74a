import { RequestError } from "./errors.ts";
import { KeyRefused } from "./key-refused.ts";

/** Decodes percent escapes once; `+` stays a plus. [NF-3.3] */
export function decodeOnce(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw new RequestError("bad-request", "the address has a broken percent escape or broken UTF-8", {
      cause,
    });
  }
}

/**
 * Encodes a key for a query or a path. `/` stays as it is: legal in both (RFC 3986 §3.3, §3.4), and two characters
 * shorter on the link. `:` is escaped, since some device clients take it for a port.
 *
 * @throws {KeyRefused} with reason `path` for half a surrogate pair, which has no UTF-8.
 */
export function encodeKey(key: string): string {
  if (!key.isWellFormed()) throw new KeyRefused("path", "the key has half a surrogate pair");
  return encodeURIComponent(key).replaceAll("%2F", "/");
}

/**
 * Parses a raw query string. Names in `known` may occur once; others are ignored. [NF-3.1] [NF-3.2]
 *
 * @throws {RequestError} `bad-request`
 */
export function parseQuery<Name extends string>(raw: string, known: readonly Name[]): Map<Name, string> {
  const values = new Map<Name, string>();
  for (const pair of raw.split("&")) {
    const equals = pair.indexOf("=");
    const name = decodeOnce(equals < 0 ? pair : pair.slice(0, equals));
    if (!isOneOf(name, known)) continue;
    const value = decodeOnce(equals < 0 ? "" : pair.slice(equals + 1));
    if (values.has(name)) throw new RequestError("bad-request", `the parameter ${name} is given twice`);
    values.set(name, value);
  }
  return values;
}

function isOneOf<Name extends string>(name: string, known: readonly Name[]): name is Name {
  return (known as readonly string[]).includes(name);
}

/** Reads a plain decimal number that prints back as it was written, so `01`, `1e3` and ` 1` are refused. [NF-3.2] */
export function parseNumber(
  name: string,
  text: string,
  bounds: { min: number; max: number; digits: number },
): number {
  const value = Number(text);
  if (!/^[0-9]+$/.test(text) || text.length > bounds.digits || String(value) !== text) {
    throw new RequestError("bad-request", `${name} is not a plain decimal number`);
  }
  if (value < bounds.min || value > bounds.max) {
    throw new RequestError("bad-request", `${name} is out of bounds`);
  }
  return value;
}
