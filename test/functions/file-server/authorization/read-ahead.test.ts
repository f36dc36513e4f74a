import { expect, test } from "vitest";
import { createReadAhead } from "../../../../functions/file-server/authorization/read-ahead.ts";
import type { SecretPair } from "../../../../protocol/secret-pair.ts";

const MAX_AGE_MS = 2000;

/** Reads that each give the count of them, unless they fail or wait. */
function setUp() {
  const store = { reads: 0, clock: 0, fails: false, waits: false };
  const ahead = createReadAhead(
    async (): Promise<SecretPair> => {
      store.reads += 1;
      const { reads, fails, waits } = store;
      if (waits) await new Promise(() => {});
      if (fails) throw new Error(`read ${reads} failed`);
      return { current: `read ${reads}`, previous: "" };
    },
    MAX_AGE_MS,
    () => store.clock,
  );
  return { store, ...ahead };
}

test("a read that was begun is used, once", async () => {
  const { store, begin, read } = setUp();
  begin();
  expect(store.reads).toBe(1);
  store.clock = MAX_AGE_MS;
  expect(await read()).toMatchObject({ current: "read 1" });
  expect(await read()).toMatchObject({ current: "read 2" });
});

test("without one it is as if there were none", async () => {
  const { store, read } = setUp();
  expect(await read()).toMatchObject({ current: "read 1" });
  store.fails = true;
  await expect(read()).rejects.toThrow("read 2 failed");
});

test("one that failed is done again, and what that says counts", async () => {
  const { store, begin, read } = setUp();
  store.fails = true;
  begin();
  await new Promise(setImmediate); // here a rejection that nobody handles would end the process
  await expect(read()).rejects.toThrow("read 2 failed");
  begin();
  store.fails = false;
  expect(await read()).toMatchObject({ current: "read 4" });
});

test("[NF-7.4] one that is too old is done again, whether it has an answer or waits for one that was lost", async () => {
  for (const waits of [false, true]) {
    const { store, begin, read } = setUp();
    store.waits = waits;
    begin();
    store.waits = false;
    store.clock = MAX_AGE_MS + 1;
    expect(await read()).toMatchObject({ current: "read 2" });
  }
});
