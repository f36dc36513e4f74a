import { once } from "node:events";
import { createConnection, type Socket } from "node:net";
import { setImmediate as nextTurn } from "node:timers/promises";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { StackEvent } from "../../../local/progress/stack-event.ts";
import { type DoorUnderTest, doorUnderTest, TOKEN } from "./support/door-under-test.ts";

const KEEP_ALIVE_MS = 20;

let door: DoorUnderTest;
beforeEach(async () => {
  door = await doorUnderTest(KEEP_ALIVE_MS);
});
afterEach(() => door[Symbol.asyncDispose]());

const unchanged = (key: string): StackEvent => ({ step: "unchanged", device: "dev:1", key });

/** A reader in bytes; `pause` it and it is slow. */
async function reader(): Promise<{ socket: Socket; text: () => string; ended: Promise<unknown> }> {
  const { port } = door.server;
  const socket = createConnection({ port, host: "127.0.0.1" });
  let text = "";
  socket.on("data", (bytes) => {
    text += bytes.toString();
  });
  socket.on("error", () => undefined);
  const ended = once(socket, "close");
  socket.write(`GET /events HTTP/1.1\r\nHost: localhost:${port}\r\nAuthorization: Bearer ${TOKEN}\r\n\r\n`);
  await vi.waitFor(() => expect(text).toContain(": keep-alive\n\n"));
  return { socket, text: () => text, ended };
}

test("events are server-sent events, to every reader, with comments in between", async () => {
  const [first, second] = await Promise.all([reader(), reader()]);
  door.feed.publish(unchanged("a\nb"));
  door.feed.publish(unchanged("c"));
  for (const { text } of [first, second]) {
    await vi.waitFor(() =>
      expect(text()).toContain('data: {"step":"unchanged","device":"dev:1","key":"c"}\n\n'),
    );
    expect(text()).toContain('data: {"step":"unchanged","device":"dev:1","key":"a\\nb"}\n\n');
    expect(text()).toContain("content-type: text/event-stream\r\n");
    await vi.waitFor(() => expect(text().split(": keep-alive\n\n").length).toBeGreaterThan(3));
  }
});

test("a reader that does not read is cut off, and holds up no other", async () => {
  const slow = await reader();
  const quick = await reader();
  slow.socket.pause();
  const key = "k".repeat(1000);
  // More than the system keeps for a socket; in between the quick one has time to read.
  for (let told = 0; told < 20_000; told += 1) {
    door.feed.publish(unchanged(key));
    if (told % 50 === 0) await nextTurn();
  }
  door.feed.publish(unchanged("last"));
  slow.socket.resume();
  await slow.ended;
  expect(slow.text()).not.toContain('"last"');
  await vi.waitFor(() => expect(quick.text()).toContain('"last"'));
  quick.socket.destroy();
});

test("there are no more readers than it can serve, and one that leaves makes room", async () => {
  const readers = await Promise.all(Array.from({ length: 32 }, () => reader()));
  const refused = await door.ask("GET", "/events");
  expect(refused).toMatchObject({ status: 503, json: { code: "too-many-readers" } });
  readers[0]?.socket.destroy();
  await vi.waitFor(() => reader());
  for (const { socket } of readers) socket.destroy();
});

test("the streams end, whole, when the stack does", async () => {
  const { text, ended } = await reader();
  door.feed.publish(unchanged("last words"));
  door.feed.close();
  await door.server.close();
  await ended;
  expect(text()).toContain('"last words"');
  expect(text().endsWith("0\r\n\r\n")).toBe(true); // the end of a chunked body, not a cut
});
