import type { ServerResponse } from "node:http";
import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { OperatorError } from "../../../../operator/cloud/operator-error.ts";
import type { Exchange } from "../../../../operator/console/http/exchange.ts";
import { sendLive } from "../../../../operator/console/http/live.ts";

/** Looks that give or throw one after the other; the last of them ends the answer. */
async function linesOf(looks: readonly (() => unknown)[]): Promise<{ lines: unknown[]; faults: unknown[] }> {
  const stream = new PassThrough();
  const response = Object.assign(stream, { writeHead: () => undefined }) as unknown as ServerResponse;
  const ending = new AbortController();
  const faults: unknown[] = [];
  const exchange = { response, signal: ending.signal } as Exchange;
  await sendLive(exchange, {
    everyMs: 1,
    retryMs: () => 1,
    onFault: (error) => faults.push(error),
    async look(index) {
      if (index === looks.length - 1) ending.abort();
      return looks[index]?.();
    },
  });
  const text = (await stream.toArray()).join("");
  return {
    lines: text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line)),
    faults,
  };
}

test("an answer is told again only once it is another", async () => {
  const { lines } = await linesOf([() => 1, () => 1, () => 2, () => 2]);
  expect(lines).toEqual([{ view: 1 }, { view: 2 }]);
});

test("a fault is told once, what it is about is told anew, and it goes on", async () => {
  const away = () => {
    throw new OperatorError("fault", "there is no connection", { mayPass: true });
  };
  const { lines, faults } = await linesOf([() => 1, away, () => 1, () => 1]);
  expect(lines).toEqual([{ view: 1 }, { problem: "there is no connection", mayPass: true }, { view: 1 }]);
  expect(faults).toEqual([]);
});

test("a fault of ours says nothing to the page, and everything to the terminal", async () => {
  const broken = new TypeError("secret detail");
  const { lines, faults } = await linesOf([
    () => {
      throw broken;
    },
    () => 1,
  ]);
  expect(lines).toEqual([
    { problem: "this is a fault of noteferry itself: its terminal says which", mayPass: false },
    { view: 1 },
  ]);
  expect(faults).toEqual([broken]);
});
