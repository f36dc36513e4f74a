import fc from "fast-check";
import { expect, test } from "vitest";
import { type ListPage, type ListQuery, listPage } from "../../../../../local/aws/s3/operations/listing.ts";
import { after, at, type ListPosition } from "../../../../../local/aws/s3/store/list-position.ts";
import type { ObjectVersion } from "../../../../../local/aws/s3/store/object-version.ts";
import { openObjects } from "../../../../../local/aws/s3/store/objects.ts";
import { openStore } from "../../../../../local/aws/s3/store/store.ts";
import { openUploads } from "../../../../../local/aws/s3/store/uploads.ts";
import { anyKey } from "../../../../support/arbitrary-key.ts";
import { countRows } from "../support/count-rows.ts";
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

function versionOf(key: string, sequence: number) {
  return {
    bucket: "bucket",
    key,
    sequence,
    versionId: String(sequence),
    deleteMarker: false,
    size: 0,
    etag: "",
    modified: 0,
    segments: [],
    properties: { headers: {}, metadata: [], tags: [] },
  };
}

/** Twenty prefixes of as many keys, and one key that has been written as often. */
const MANY = 20;

async function fullStore() {
  const { database, ...store } = openStore(await dataFolder(), Date.now);
  const counted = countRows(database);
  const [objects, uploads] = [openObjects(counted), openUploads(counted)];
  const keys = Array.from({ length: MANY * MANY }, (_, i) => `${Math.floor(i / MANY) + 10}/${i}`);
  const versions = [...keys, ...Array.from({ length: MANY }, () => "often")];
  database.transactionNow(() => {
    store.buckets.create("bucket", 0);
    for (const [index, key] of versions.entries()) {
      objects.insert(versionOf(key, index));
      const properties = { headers: {}, metadata: [], tags: [] };
      const checksum = { algorithm: "CRC64NVME", type: "FULL_OBJECT" } as const;
      const upload = { id: String(index), bucket: "bucket", key, sequence: index, created: 0 };
      uploads.create({ ...upload, properties: { ...properties, ...checksum } });
    }
  });
  return { database, counted, objects, uploads };
}

test("a page reads a row for each of its entries and one more, however many keys a common prefix stands for", async () => {
  const { database, counted, objects, uploads } = await fullStore();
  const query = { prefix: "", delimiter: "/", encode: (key: string) => key, encodingType: undefined };
  const kinds: ((limit: number) => ListPage<{ key: string }>)[] = [
    (limit) =>
      listPage(
        { ...query, limit },
        at(Buffer.alloc(0)),
        (from) => objects.listLatest("bucket", "", from),
        ({ key }) => after(Buffer.from(key)),
      ),
    (limit) =>
      listPage(
        { ...query, limit },
        at(Buffer.alloc(0)),
        (from) => objects.listVersions("bucket", "", from),
        ({ key, sequence }) => ({ key: Buffer.from(key), below: sequence }),
      ),
    (limit) =>
      listPage(
        { ...query, limit },
        at(Buffer.alloc(0)),
        (from) => uploads.list("bucket", "", from),
        ({ key, sequence }) => ({ key: Buffer.from(key), below: -sequence }),
      ),
  ];
  for (const [index, list] of kinds.entries()) {
    const before = counted.rows();
    expect(list(10).prefixes).toHaveLength(10);
    const perEntry = index === 1 ? 2 : 1; // versions: the next key, and then its newest
    expect(counted.rows() - before).toBeLessThanOrEqual(perEntry * 11);
  }
  const before = counted.rows();
  let sequence = MANY * MANY + MANY;
  for (const { sequence: next } of objects.listVersions("bucket", "often", at(Buffer.from("often")))) {
    expect(next).toBe(--sequence); // the newest first
    if (next === MANY * MANY + 5) break;
  }
  expect(counted.rows() - before).toBe(MANY - 5);
  database.close();
});

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
            objects.insert(versionOf(key, store.nextSequence()));
          }
        });
        const query: ListQuery = { prefix, delimiter, limit, encode: (key) => key, encodingType: undefined };
        const found: string[] = [];
        let next: ListPosition | undefined = at(Buffer.from(prefix));
        while (next !== undefined) {
          const page: ListPage<ObjectVersion> = listPage(
            query,
            next,
            (from) => objects.listLatest("bucket", prefix, from),
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

test("a page of parts reads those alone, and the parts of a bucket go with it", async () => {
  const { database, counted, uploads } = await fullStore();
  const part = { size: 1, md5: "", checksum: "", modified: 0 };
  database.transactionNow(() => {
    for (const id of ["0", "1"]) {
      for (let number = 1; number <= MANY; number++) {
        uploads.putPart(id, { ...part, number, segments: [{ blob: `${id}-${number}`, bytes: 1 }] });
      }
    }
  });
  const before = counted.rows();
  expect(uploads.partsAfter("0", 5, 3).map(({ number }) => number)).toEqual([6, 7, 8]);
  expect(counted.rows() - before).toBe(3);
  expect(database.transactionNow(() => uploads.deleteAll("bucket"))).toHaveLength(2 * MANY);
  expect([...uploads.list("bucket", "", at(Buffer.alloc(0)))]).toEqual([]);
  expect(uploads.parts("1")).toEqual([]);
  database.close();
});
