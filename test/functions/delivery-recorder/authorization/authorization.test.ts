import { expect, test } from "vitest";
import { createAuthorization } from "../../../../functions/delivery-recorder/authorization/authorization.ts";

function setUp() {
  const store = { tokens: { current: "one", previous: "" }, broken: false, reads: 0, clock: 1_000_000 };
  const judge = createAuthorization({
    now: () => store.clock,
    async read() {
      store.reads += 1;
      if (store.broken) throw new Error("Secrets Manager is away");
      return store.tokens;
    },
  });
  return { store, judge: (token: string) => judge(`Bearer ${token}`), bare: judge };
}

test("the current token opens the door, with one read a minute", async () => {
  const { store, judge } = setUp();
  for (let i = 0; i < 5; i += 1) expect(await judge("one")).toBe("accepted");
  expect(store.reads).toBe(1);
  store.clock += 61_000;
  expect(await judge("one")).toBe("accepted");
  expect(store.reads).toBe(2);
});

test("a token that was just changed is read at once; the old one is good while it is the previous", async () => {
  const { store, judge } = setUp();
  await judge("one");
  store.tokens = { current: "two", previous: "one" };
  store.clock += 11_000;
  expect(await judge("two")).toBe("accepted");
  expect(await judge("one")).toBe("accepted");
});

test("a wrong token while they are being changed is put off, so that Notehub sends its event again", async () => {
  const { store, judge } = setUp();
  store.tokens = { current: "two", previous: "one" };
  expect(await judge("three")).toBe("unsure");
});

test("a wrong token is refused if the tokens were just read, and put off if they were not", async () => {
  const { store, judge } = setUp();
  expect(await judge("wrong")).toBe("refused");
  store.clock += 1_000;
  expect(await judge("wrong")).toBe("unsure");
  expect(store.reads).toBe(1); // guessing costs us one read in ten seconds
  store.clock += 10_000;
  expect(await judge("wrong")).toBe("refused");
});

test("while the secret cannot be read nobody is refused, nor let in by what was read before", async () => {
  const { store, judge } = setUp();
  await judge("one");
  store.broken = true;
  store.clock += 61_000;
  expect(await judge("one")).toBe("unsure");
  expect(await judge("wrong")).toBe("unsure");
  store.broken = false;
  store.clock += 11_000;
  expect(await judge("one")).toBe("accepted");
});

test.each([undefined, "", "one", "Basic one", "Bearer"])("%j is no bearer token", async (header) => {
  const { store, bare } = setUp();
  expect(await bare(header)).toBe("refused");
  expect(store.reads).toBe(0);
});

test("many at once share one read", async () => {
  const { store, judge } = setUp();
  expect(await Promise.all(Array.from({ length: 20 }, () => judge("one")))).toEqual(
    Array(20).fill("accepted"),
  );
  expect(store.reads).toBe(1);
});
