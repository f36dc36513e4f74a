import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createAuthorization } from "../../../../functions/file-server/authorization/authorization.ts";
import { createKeptSecret } from "../../../../functions/file-server/authorization/kept-secret.ts";
import { SecretRevoked } from "../../../../functions/file-server/authorization/secret-revoked.ts";
import { isAccepted, parseBearer, type Tokens } from "../../../../protocol/bearer-token.ts";
import { RequestError } from "../../../../protocol/errors.ts";

const MINUTE = 60_000;

/** A secret that changes, fails and counts its reads, a clock set by hand, and the check between them. */
function setUp(initial: Tokens = { current: "one", previous: "" }) {
  const store = {
    tokens: initial,
    broken: false,
    revoked: false,
    reads: 0,
    stale: 0,
    clock: 0,
    refused: [] as string[],
  };
  const secret = createKeptSecret({
    async read() {
      store.reads += 1;
      const { tokens, broken, revoked } = store;
      await Promise.resolve();
      if (revoked) throw new SecretRevoked("the secret is gone");
      if (broken) throw new Error("secret store down");
      return tokens;
    },
    now: () => store.clock,
    onStale: () => {
      store.stale += 1;
    },
  });
  const check = createAuthorization({
    tokens: secret,
    links: { meets: () => Promise.reject(new Error("no link was asked for")), isUnusable: () => false },
    onRefused: (what) => {
      store.refused.push(what);
    },
  });
  const authorize = (authorization: string | undefined) =>
    check({ method: "GET", rawPath: "/", rawQuery: "file=f", headers: {}, authorization });
  const isLetIn = (token: string) =>
    authorize(`Bearer ${token}`).then(
      () => true,
      (error: unknown) => {
        if (error instanceof RequestError && error.code === "unauthorized") return false;
        throw error;
      },
    );
  return { store, authorize, isLetIn };
}

describe("[NF-7.1] which token is accepted", () => {
  test("the current and the previous one, and no other", async () => {
    const { isLetIn } = setUp({ current: "one", previous: "zero" });
    expect(await isLetIn("one")).toBe(true);
    expect(await isLetIn("zero")).toBe(true);
    for (const token of ["on", "onee", "One", "zer", "", "two"]) expect(await isLetIn(token)).toBe(false);
  });

  test("an empty or absent previous token lets nobody in", async () => {
    expect(isAccepted("", { current: "one", previous: "" })).toBe(false);
    const { authorize } = setUp();
    for (const header of ["Bearer ", "Bearer", "", undefined]) {
      await expect(authorize(header)).rejects.toMatchObject({ code: "unauthorized" });
    }
  });

  test("only equal tokens are accepted", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (token, current, previous) => {
        const isOne = token !== "" && (token === current || token === previous);
        expect(isAccepted(token, { current, previous })).toBe(isOne);
      }),
    );
  });

  test.each([
    ["Bearer abc.-_~+/==", "abc.-_~+/=="],
    ["bearer abc", "abc"],
    ["BEARER   abc  ", "abc"],
    ["Basic abc", undefined],
    ["abc", undefined],
    ["Bearer abc def", undefined],
    ["Bearer abc,Bearer def", undefined],
    ["Bearer\tabc", undefined],
    ["Bearer abé", undefined],
    ["Bearer p@ss,w{o}r:d", "p@ss,w{o}r:d"],
  ])("%s", (header, token) => {
    expect(parseBearer(header)).toBe(token);
  });
});

test("each refusal is told, with whether there was a token", async () => {
  const { store, authorize, isLetIn } = setUp();
  await isLetIn("one");
  await isLetIn("two");
  await expect(authorize(undefined)).rejects.toThrow();
  expect(store.refused).toEqual(["unknownTokens", "withoutToken"]);
});

describe("when the secret is read", () => {
  test("once in five minutes while tokens are known", async () => {
    const { store, isLetIn } = setUp();
    for (let minute = 0; minute < 5; minute++) {
      store.clock = minute * MINUTE;
      expect(await isLetIn("one")).toBe(true);
    }
    expect(store.reads).toBe(1);
    store.clock = 5 * MINUTE;
    expect(await isLetIn("one")).toBe(true);
    expect(store.reads).toBe(2);
  });

  test("not at all for a request without a token", async () => {
    const { store, authorize } = setUp();
    await expect(authorize(undefined)).rejects.toMatchObject({ code: "unauthorized" });
    expect(store.reads).toBe(0);
  });

  test("once by concurrent requests together", async () => {
    const { store, isLetIn } = setUp();
    const answers = await Promise.all(["one", "two", "one", "three"].map(isLetIn));
    expect(answers).toEqual([true, false, true, false]);
    expect(store.reads).toBe(1);
  });

  test("[NF-7.3] again for an unknown token, at most once in 30 seconds", async () => {
    const { store, isLetIn } = setUp();
    await isLetIn("one");
    store.clock = 29_999;
    expect(await isLetIn("two")).toBe(false);
    expect(store.reads).toBe(1);
    store.clock = 30_000;
    store.tokens = { current: "two", previous: "one" };
    expect(await isLetIn("two")).toBe(true);
    expect(await isLetIn("one")).toBe(true);
    expect(await isLetIn("guess")).toBe(false);
    expect(store.reads).toBe(2);
    store.clock = 60_000;
    expect(await Promise.all(["guess", "two", "other"].map(isLetIn))).toEqual([false, true, false]);
    expect(store.reads).toBe(3);
  });

  test("[NF-7.3] a guess never causes more than one read in 30 seconds, whatever else happens", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: 40_000 }), { maxLength: 40 }), async (pauses) => {
        const { store, isLetIn } = setUp();
        await isLetIn("one");
        const readAt: number[] = [];
        for (const pause of pauses) {
          store.clock += pause;
          const before = store.reads;
          await isLetIn("guess");
          if (store.reads > before) readAt.push(store.clock);
          expect(store.reads - before).toBeLessThanOrEqual(1);
        }
        for (const [index, at] of readAt.entries()) {
          expect(at - (readAt[index - 1] ?? 0)).toBeGreaterThanOrEqual(index === 0 ? 0 : 30_000);
        }
      }),
    );
  });
});

describe("when the secret cannot be read", () => {
  test("nobody is let in or turned away while nothing is known", async () => {
    const { store, isLetIn } = setUp();
    store.broken = true;
    await expect(isLetIn("one")).rejects.toThrow("secret store down");
    store.broken = false;
    store.clock = 1_000;
    expect(await isLetIn("one")).toBe(true);
  });

  test("[NF-7.3] it is asked ever more rarely while it has never answered, whatever token is presented", async () => {
    const { store, isLetIn } = setUp();
    store.broken = true;
    for (store.clock = 0; store.clock < 5 * MINUTE; store.clock += 100) {
      await expect(isLetIn(`guess ${store.clock}`.replace(" ", "-"))).rejects.toThrow("secret store down");
    }
    expect(store.reads).toBeLessThanOrEqual(8 + 5 * 2);
    expect(store.reads).toBeGreaterThan(10);
  });

  test("[NF-7.4] what was known is in force for an hour, and not longer", async () => {
    const { store, isLetIn } = setUp();
    await isLetIn("one");
    store.broken = true;
    store.clock = 60 * MINUTE;
    expect(await isLetIn("one")).toBe(true);
    store.clock = 61 * MINUTE;
    await expect(isLetIn("one")).rejects.toThrow("secret store down");
    await expect(isLetIn("two")).rejects.toThrow("secret store down");
    store.broken = false;
    store.clock = 62 * MINUTE;
    expect(await isLetIn("one")).toBe(true);
  });

  test("[NF-7.4] a secret that is gone ends its tokens at the next read", async () => {
    const { store, isLetIn } = setUp();
    await isLetIn("one");
    store.revoked = true;
    store.clock = 5 * MINUTE;
    await expect(isLetIn("one")).rejects.toThrow("the secret is gone");
    await expect(isLetIn("one")).rejects.toThrow("the secret is gone");
    expect(store.stale).toBe(0);
  });

  test("[NF-7.4] so does an unknown token, which has the secret read: to cut a token off now", async () => {
    const { store, isLetIn } = setUp();
    await isLetIn("one");
    store.tokens = { current: "two", previous: "" };
    store.clock = 30_000;
    expect(await isLetIn("two")).toBe(true);
    expect(await isLetIn("one")).toBe(false);
  });

  test("what was known stays in force, and the store is asked once in 30 seconds", async () => {
    const { store, isLetIn } = setUp();
    await isLetIn("one");
    store.broken = true;
    store.clock = 5 * MINUTE;
    expect(await isLetIn("one")).toBe(true);
    expect(await isLetIn("one")).toBe(true);
    expect(await isLetIn("two")).toBe(false);
    expect([store.reads, store.stale]).toEqual([2, 1]);
    store.clock += 30_000;
    store.broken = false;
    store.tokens = { current: "two", previous: "" };
    expect(await isLetIn("one")).toBe(false);
    expect(await isLetIn("two")).toBe(true);
  });
});
