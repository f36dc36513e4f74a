import type { S3Request } from "../http/s3-request.ts";
import { formEncodeKey } from "../key-encoding.ts";
import { S3Error } from "../s3-error.ts";
import { after, at, type ListPosition, successor } from "../store/list-position.ts";
import { element, type Xml } from "../xml/write-xml.ts";

/** What every kind of listing takes. */
export type ListQuery = {
  prefix: string;
  delimiter: string;
  limit: number;
  /** Keys as they go into the reply. */
  encode: (key: string) => string;
  encodingType: Xml | undefined;
};

/** One page: rows, and prefixes that stand for all keys that share them up to the delimiter. */
export type ListPage<Row> = {
  rows: Row[];
  prefixes: string[];
  /** Where the next page begins; undefined after the last. */
  next: ListPosition | undefined;
};

const MOST_KEYS = 1000;
const GREATEST_LIMIT = 2 ** 31 - 1; // S3 keeps it in 32 bits

/** There is one account. */
export const OWNER = element("Owner", element("ID", "local"));
export const INITIATOR = element("Initiator", element("ID", "local"));

/**
 * @param limitName `max-keys` or `max-uploads`.
 * @throws {S3Error} `InvalidArgument`
 */
export function readListQuery(request: S3Request, limitName = "max-keys"): ListQuery {
  const { query } = request;
  const limit = limitOf(query, limitName, MOST_KEYS);
  const encoding = query.get("encoding-type");
  if (encoding !== undefined && encoding !== "url") {
    throw new S3Error("InvalidArgument", "Invalid Encoding Method specified in Request");
  }
  return {
    prefix: query.get("prefix") ?? "",
    delimiter: query.get("delimiter") ?? "",
    limit,
    encode: encoding === undefined ? (key) => key : formEncodeKey,
    encodingType: encoding === undefined ? undefined : element("EncodingType", encoding),
  };
}

/**
 * The most that a client asks for, but no more than `most`.
 *
 * @throws {S3Error} `InvalidArgument`
 */
export function limitOf(query: ReadonlyMap<string, string>, name: string, most: number): number {
  const text = query.get(name) ?? String(most);
  if (!/^\d{1,10}$/.test(text) || Number(text) > GREATEST_LIMIT) {
    throw new S3Error("InvalidArgument", `Provided ${name} not an integer or within integer range`);
  }
  return Math.min(Number(text), most);
}

/**
 * Collects a page. The listing jumps past a common prefix, so the keys under it cost nothing: one row is read for each
 * entry of the page, and one more.
 *
 * @param rowsFrom rows in listing order, from a position; each is read only when it is asked for.
 * @param following where the listing goes on after a row.
 */
export function listPage<Row extends { key: string }>(
  { prefix, delimiter, limit }: ListQuery,
  from: ListPosition,
  rowsFrom: (from: ListPosition) => Iterable<Row>,
  following: (row: Row) => ListPosition,
): ListPage<Row> {
  const page: ListPage<Row> = { rows: [], prefixes: [], next: undefined };
  if (limit === 0) return page;
  let position = from;
  for (;;) {
    let jumped = false;
    for (const row of rowsFrom(position)) {
      if (page.rows.length + page.prefixes.length === limit) return { ...page, next: position };
      const common = commonPrefix(row.key, prefix, delimiter);
      if (common !== undefined) {
        page.prefixes.push(common);
        position = at(successor(Buffer.from(common)));
        jumped = true;
        break;
      }
      page.rows.push(row);
      position = following(row);
    }
    if (!jumped) return page;
  }
}

function commonPrefix(key: string, prefix: string, delimiter: string): string | undefined {
  if (delimiter === "") return undefined;
  const end = key.indexOf(delimiter, prefix.length);
  return end < 0 ? undefined : key.slice(0, end + delimiter.length);
}

/**
 * Where a listing starts that follows a key or a common prefix, for `marker` and `start-after`. A common prefix is
 * followed by what is after all keys under it.
 */
export function positionAfter(marker: string, { prefix, delimiter }: ListQuery): ListPosition {
  const common = commonPrefix(marker, prefix, delimiter);
  const isCommonPrefix = common === marker && marker !== "";
  return isCommonPrefix ? at(successor(Buffer.from(marker))) : after(Buffer.from(marker));
}

/** The greatest key or common prefix of a page: where the next one goes on. */
export function lastOf({ rows, prefixes }: ListPage<{ key: string }>): string {
  const [key, prefix] = [rows.at(-1)?.key ?? "", prefixes.at(-1) ?? ""];
  return Buffer.from(key).compare(Buffer.from(prefix)) > 0 ? key : prefix;
}

/** What every listing repeats of its query, and whether there is more. */
export function listElements(list: ListQuery, page: ListPage<unknown>, limitElement = "MaxKeys"): Xml[] {
  return [
    element("Prefix", list.encode(list.prefix)),
    ...(list.delimiter === "" ? [] : [element("Delimiter", list.encode(list.delimiter))]),
    element(limitElement, list.limit),
    ...(list.encodingType === undefined ? [] : [list.encodingType]),
    element("IsTruncated", String(page.next !== undefined)),
  ];
}

export function commonPrefixElements(prefixes: readonly string[], { encode }: ListQuery): Xml[] {
  return prefixes.map((prefix) => element("CommonPrefixes", element("Prefix", encode(prefix))));
}
