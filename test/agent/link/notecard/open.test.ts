import { describe, expect, onTestFinished, test } from "vitest";
import { LinkDown, type Links } from "../../../../agent/link/link.ts";
import { createNotecardLinks } from "../../../../agent/link/notecard/open.ts";
import { NotecardError } from "../../../../agent/notecard/notecard-error.ts";
import { PortClosed } from "../../../../agent/notecard/port.ts";
import { startBreakableLine } from "../../../conformance/link/support/breakable-line.ts";
import { connect, failureOf } from "../../notecard/support/connect.ts";

const NEVER = new AbortController().signal;

function linksTo(port: number): Links {
  const notecard = { kind: "tcp", host: "127.0.0.1", port } as const;
  const fetching = { route: "noteferry", fetch: "json", chunkSize: 6000 } as const;
  const wish = { product: "com.example:other", notecardText: "the Notecard" };
  return createNotecardLinks({ notecard, ...fetching, ...wish, pollMs: 5, connectMs: 100 }, () => undefined);
}

describe("a link that cannot be opened is down", () => {
  test("where nothing listens", async () => {
    const { fake } = await connect();
    await fake.close();
    const failure = await failureOf(linksTo(fake.port).open(NEVER));
    expect(failure).toBeInstanceOf(LinkDown);
    expect(failure).toMatchObject({
      cause: expect.any(PortClosed),
      message: expect.stringContaining("answers"),
    });
  });

  test("where the Notecard refuses what is to be set, and the line is let go", async () => {
    const { fake } = await connect();
    const line = await startBreakableLine(fake.port);
    onTestFinished(() => line[Symbol.asyncDispose]());
    fake.script = ({ req }) => (req === "hub.set" ? { reply: { err: "{product-noexist}" } } : undefined);
    const failure = await failureOf(linksTo(line.port).open(NEVER));
    expect(failure).toBeInstanceOf(LinkDown);
    expect(failure).toMatchObject({ cause: expect.any(NotecardError), message: "{product-noexist}" });
    await expect.poll(() => line.connections()).toBe(0);
  });
});

test("an opening that is given up throws the reason at once, though the Notecard is silent", async () => {
  const { fake } = await connect();
  fake.script = () => ({ silent: true });
  const stopping = new AbortController();
  const opening = linksTo(fake.port).open(stopping.signal);
  opening.catch(() => undefined);
  await expect.poll(() => fake.requests.length).toBeGreaterThan(0);
  const reason = new Error("stop");
  const begin = performance.now();
  stopping.abort(reason);
  await expect(opening).rejects.toBe(reason);
  expect(performance.now() - begin).toBeLessThan(2_000);
});
