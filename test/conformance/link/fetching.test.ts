import { expect, test } from "vitest";
import type { FileVersion, Link } from "../../../agent/link/link.ts";
import { etagOf } from "../../agent/support/fake-server.ts";
import { patternedBytes } from "../../agent/support/patterned-bytes.ts";
import { createRandom, readSeed } from "../../support/seeded-random.ts";
import { describeFetch } from "./support/describe-link.ts";

/** Every byte of a file, in order, by as many fetches as it takes. */
async function fetchAll(link: Link, file: FileVersion): Promise<Buffer[]> {
  const pieces: Buffer[] = [];
  for (let offset = 0; offset < file.size; offset += pieces.at(-1)?.length ?? 0) {
    const most = Math.min(link.chunkBytes(), file.size - offset);
    const bytes = Buffer.from(await link.fetch(file, offset));
    expect(bytes.length).toBeGreaterThan(0);
    expect(bytes.length).toBeLessThanOrEqual(most);
    pieces.push(bytes);
  }
  return pieces;
}

describeFetch("fetching", (start) => {
  async function startWith(bytes: Buffer, key = "a.bin") {
    const under = await start();
    under.server.files.set(key, bytes);
    return { ...under, file: { key, etag: etagOf(bytes), size: bytes.length } };
  }

  test("gives a file piece by piece, and has nothing sent twice", async () => {
    const bytes = patternedBytes(200_001);
    const { link, server, file } = await startWith(bytes);
    const pieces = await fetchAll(link, file);
    expect(Buffer.concat(pieces).equals(bytes)).toBe(true);
    expect({ bytes: server.bytes, requests: server.requests }).toEqual({
      ...{ bytes: bytes.length, requests: pieces.length },
    });
  });

  test("gives what is at an offset, whichever it is", async () => {
    const random = createRandom(readSeed());
    const bytes = patternedBytes(50_000);
    const { link, file } = await startWith(bytes);
    const offsets = [0, 1, file.size - 1, ...Array.from({ length: 8 }, () => random.below(file.size))];
    for (const offset of offsets) {
      const most = Math.min(link.chunkBytes(), file.size - offset);
      const piece = await link.fetch(file, offset);
      expect(piece.length).toBeGreaterThan(0);
      expect(piece.length).toBeLessThanOrEqual(most);
      expect(piece.equals(bytes.subarray(offset, offset + piece.length))).toBe(true);
    }
  });

  test.each([-1, 0, 1])("gives a file that is a piece long, and %d bytes", async (more) => {
    const { link, server } = await start();
    const bytes = patternedBytes(link.chunkBytes() + more);
    server.files.set("a.bin", bytes);
    const pieces = await fetchAll(link, { key: "a.bin", etag: etagOf(bytes), size: bytes.length });
    expect(Buffer.concat(pieces).equals(bytes)).toBe(true);
    expect(pieces).toHaveLength(more > 0 ? 2 : 1);
  });

  test.each(["one byte", "ünï/c d+e%20?&=#.bin", "k".repeat(150)])("gives the file %j", async (key) => {
    const { link, file } = await startWith(Buffer.from([0]), key);
    expect(await link.fetch(file, 0)).toEqual(Buffer.from([0]));
  });

  test("gives two files in turn", async () => {
    const [one, two] = [patternedBytes(100_000, 1), patternedBytes(100_000, 2)];
    const { link, file, server } = await startWith(one);
    server.files.set("b.bin", two);
    const other = { key: "b.bin", etag: etagOf(two), size: two.length };
    for (let offset = 0; offset < 3 * link.chunkBytes() && offset < file.size; offset += link.chunkBytes()) {
      const first = Buffer.from(await link.fetch(file, offset)); // valid until the next one
      const second = await link.fetch(other, offset);
      expect(first.equals(one.subarray(offset, offset + first.length))).toBe(true);
      expect(second.equals(two.subarray(offset, offset + second.length))).toBe(true);
    }
  });
});
