import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { measureHistory } from "../../../bench/link/measure.ts";

const lines = Array.from({ length: 200 }, (_, n) => `export const value${n} = ${n * n * 7919};`).join("\n");
const source = (version: number) => Buffer.from(`${lines}\nexport const version = "1.0.${version}";\n`);

test("a small step comes in the Note alone, exactly, and is counted with the Note around it", async () => {
  const [update] = await measureHistory({ key: "app/a.js", contents: [source(1), source(2)] });
  expect(update).toMatchObject({ key: "app/a.js", size: source(2).length, way: "note", exact: true });
  const { packed = Number.NaN, link } = update ?? {};
  expect(packed).toBeLessThanOrEqual(100);
  // One message of 60 bytes, and a body of at most 250.
  expect(link?.ours).toBeGreaterThan(packed + 60 + 150);
  expect(link?.ours).toBeLessThanOrEqual(packed + 60 + 250);
});

test("what has nothing in common with what was there comes whole, for the bytes of the whole file", async () => {
  const contents = [randomBytes(20_000), randomBytes(20_000)];
  const [update] = await measureHistory({ key: "app/a.bin", contents });
  expect(update).toMatchObject({ way: "whole", packed: 20_000, exact: true });
  expect(update?.link.ours).toBe(update?.link.whole);
  // 8192 bytes at a time, against 250: the sample's 80 chunks are a third longer, and each has two messages around it.
  expect(update?.link.whole).toBeLessThan(20_000 * 1.06);
  expect(update?.link.base64).toBeGreaterThan(20_000 * 1.33 + 80 * 120);
});

test("a content that comes back is an update like any other", async () => {
  const contents = [source(1), source(2), source(1), source(2)];
  const updates = await measureHistory({ key: "app/a.js", contents });
  expect(updates.map(({ way, exact }) => [way, exact])).toEqual(Array(3).fill(["note", true]));
});
