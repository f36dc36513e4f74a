import { expect, test } from "vitest";
import type { Shown } from "../../../../operator/cli/status/shown.ts";
import { watch } from "../../../../operator/cli/status/watch.ts";
import { OperatorError } from "../../../../operator/cloud/operator-error.ts";

const shown = (text: string): Shown => ({ text, json: { text } });
const throttled = (request: string) =>
  Object.assign(new Error(`Rate exceeded (request ${request})`), {
    name: "ThrottlingException",
    $metadata: {},
  });
const lost = Object.assign(new Error("getaddrinfo ENOTFOUND x"), { code: "ENOTFOUND" });
const expired = Object.assign(new Error("old"), { name: "ExpiredTokenException" });
const denied = Object.assign(new Error("not yours"), { name: "AccessDeniedException" });
const unknown = new OperatorError("not-found", "nobody was ever told of x", { mayPass: true });
const noFleet = new OperatorError("not-found", "there is no fleet x");

/** Watches what each look in turn gives or throws, until there are no more; the clock goes by the pauses alone. */
async function watched(looks: readonly (Shown | Error)[]) {
  const queue = [...looks];
  const told: string[] = [];
  const pauses: number[] = [];
  let now = 0;
  const enough = new Error("enough");
  const ended = await watch({
    async look() {
      const next = queue.shift();
      if (next instanceof Error || next === undefined) throw next;
      return next;
    },
    print: ({ text }, isFirst) => told.push(isFirst ? `first ${text}` : text),
    tell: (sentence) => told.push(`! ${sentence}`),
    async pause(ms) {
      pauses.push(ms);
      now += ms;
      if (queue.length === 0) throw enough;
    },
    random: () => 0.5,
    now: () => now,
  }).catch((error: unknown) => error);
  return { told, pauses, ended: ended === enough ? "by the person" : ended };
}

test("an answer is shown again only if it changes", async () => {
  expect(await watched([shown("a"), shown("a"), shown("b")])).toEqual({
    ...{ told: ["first a", "b"], pauses: [2000, 2000, 2000], ended: "by the person" },
  });
});

test("a fault that may pass is told once, whatever its words, and once that it is over", async () => {
  const { told, pauses, ended } = await watched([
    ...[shown("a"), throttled("1"), throttled("2"), lost, expired, shown("a"), shown("b")],
  ]);
  expect(told).toEqual([
    "first a",
    expect.stringMatching(
      /^! AWS answered ThrottlingException: Rate exceeded .*as it was before.*asked again/,
    ),
    expect.stringMatching(/^! there is no connection/),
    expect.stringMatching(/^! the credentials for AWS have expired/),
    "! it answers again, after 45 s",
    "b",
  ]);
  expect(pauses).toEqual([2000, 3000, 6000, 12_000, 24_000, 2000, 2000]);
  expect(ended).toBe("by the person");
});

test("what cannot pass ends it, at once", async () => {
  expect((await watched([shown("a"), lost, denied, shown("b")])).ended).toBe(denied);
  const bug = new TypeError("ours");
  expect((await watched([shown("a"), bug, shown("b")])).ended).toBe(bug);
  expect((await watched([shown("a"), unknown])).ended).toBe(unknown);
});

test("before anything was shown a fault ends it, as it ends any command", async () => {
  expect((await watched([expired, shown("a")])).ended).toBe(expired);
  expect((await watched([noFleet, shown("a")])).ended).toBe(noFleet);
  expect((await watched([throttled("1"), shown("a")])).ended).toMatchObject({ name: "ThrottlingException" });
});

test("what nobody was told of yet is waited for", async () => {
  const { told } = await watched([unknown, unknown, lost, unknown, shown("a")]);
  expect(told).toEqual([
    "! nobody was ever told of x. Waiting for that",
    expect.stringMatching(/^! there is no connection: [^.]*\. It is asked again/),
    expect.stringMatching(/^! it answers again/),
    "first a",
  ]);
});
