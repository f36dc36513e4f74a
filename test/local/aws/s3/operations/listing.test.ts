import fc from "fast-check";
import { expect, test } from "vitest";
import { type ListPage, type ListQuery, listPage } from "../../../../../local/aws/s3/operations/listing.ts";
import { after, at, type ListPosition } from "../../../../../local/aws/s3/store/list-position.ts";
import type { ObjectVersion } from "../../../../../local/aws/s3/store/object-version.ts";
import { openStore } from "../../../../../local/aws/s3/store/store.ts";
import { anyKey } from "../../../../support/arbitrary-key.ts";
import { dataFolder } from "../support/local-s3.ts";

const byBytes = (a: string, b: string) => Buffer.from(a).compare(Buffer.from(b));

/** What a listing should bring, worked out the slow way: every key, or the prefix that stands for it. */
function expected(keys: readonly string[], prefix: string, delimiter: string): string[] {
  const found = keys
    .filter((key) => key.startsWith(prefix))
    .map((key) => {
      const end = delimiter === "" ? -1 : key.indexOf(delimiter, prefix.length);
      return end < 0 ? key : key.slice(0, end + delimiter.length);
    });
  return [...new Set(found)].sort(byBytes);
}

test("any keys, in byte order, whatever the prefix, the delimiter and the size of the pages", async () => {
  const store = openStore(await dataFolder(), Date.now);
  const { database, buckets, objects } = store;
  database.transactionNow(() => buckets.create("bucket", 0));
  const similar = fc.string({
    unit: fc.constantFrom("a", "b", "/", "é", "\u{10ffff}", "\uffff"),
    minLength: 1,
    maxLength: 6,
  });
  const keys = fc.uniqueArray(fc.oneof(similar, anyKey), { maxLength: 30 });
  const prefixes = fc.string({ unit: fc.constantFrom("a", "/", "é", "\u{10ffff}"), maxLength: 2 });

  fc.assert(
    fc.property(
      keys,
      prefixes,
      fc.constantFrom("", "/", "b"),
      fc.integer({ min: 1, max: 8 }),
      (all, prefix, delimiter, limit) => {
        database.transactionNow(() => {
          for (const key of all) {
            objects.insert({
              bucket: "bucket",
              key,
              sequence: store.nextSequence(),
              versionId: "null",
              deleteMarker: false,
              size: 0,
              etag: "",
              modified: 0,
              segments: [],
              properties: { headers: {}, metadata: [], tags: [] },
            });
          }
        });
        const query: ListQuery = { prefix, delimiter, limit, encode: (key) => key, encodingType: undefined };
        const found: string[] = [];
        let next: ListPosition | undefined = at(Buffer.from(prefix));
        while (next !== undefined) {
          const page: ListPage<ObjectVersion> = listPage(
            query,
            next,
            (from, count) => objects.listLatest("bucket", prefix, from, count),
            ({ key }) => after(Buffer.from(key)),
          );
          const entries = [...page.rows.map(({ key }) => key), ...page.prefixes].sort(byBytes);
          expect(entries.length).toBeLessThanOrEqual(limit);
          if (page.next !== undefined) expect(entries).toHaveLength(limit);
          found.push(...entries);
          next = page.next;
        }
        database.transactionNow(() => {
          for (const key of all) {
            const version = objects.find("bucket", key);
            if (version !== undefined) objects.delete(version);
          }
        });
        expect(found).toEqual(expected(all, prefix, delimiter));
      },
    ),
    { numRuns: 200 },
  );
  database.close();
});
