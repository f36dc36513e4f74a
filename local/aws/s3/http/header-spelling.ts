/** Names whose usual spelling is not a capital at the head of each word. */
const SPELLINGS = new Map([["etag", "ETag"]]);

/**
 * A header's name as S3 writes it: `Content-Range`, `ETag`, `x-amz-version-id`. Names mean the same in any case, but clients
 * of small devices (coreHTTP before 2.0.2, IotHttpsClient of FreeRTOS) compare them letter by letter.
 *
 * @param name in lower case.
 */
export function usualSpelling(name: string): string {
  if (name.startsWith("x-amz-")) return name;
  const known = SPELLINGS.get(name);
  if (known !== undefined) return known;
  const spelling = name.replace(/(?:^|-)[a-z]/g, (start) => start.toUpperCase());
  SPELLINGS.set(name, spelling); // of few: a name that a client chose begins with x-amz-meta-
  return spelling;
}
