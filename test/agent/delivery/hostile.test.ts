import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { openSerialPort } from "../../../agent/notecard/serial-port.ts";
import { readSeed } from "../../support/seeded-random.ts";
import { startDevice } from "../support/agent-under-test.ts";
import { announcementOf } from "../support/fake-card.ts";
import type { FakeRequest, Stroke } from "../support/fake-notecard.ts";

const SEED = readSeed();

const number = fc.oneof(fc.integer(), fc.double(), fc.constantFrom(0, -1, 1e308, 2 ** 53, 206, 200, 404));
const name = fc.oneof(
  fc.constantFrom(
    "good.txt",
    "../evil",
    "/etc/evil",
    "a/b/c",
    "devices/dev:1/x",
    "x".repeat(300),
    "__proto__",
    "a\u0000",
  ),
  fc.string({ unit: "binary", maxLength: 20 }),
);
const announcement = fc
  .record({ name, size: fc.oneof(fc.nat(20_000), number), bytes: fc.uint8Array({ maxLength: 20 }) })
  .map(({ name: key, size, bytes }) => ({ ...announcementOf(key, Buffer.from(bytes)), size }));
const notes = fc.dictionary(
  fc.string({ maxLength: 5 }),
  fc.record({ body: fc.oneof(announcement, fc.jsonValue()), time: fc.oneof(number, fc.jsonValue()) }),
);
const webReply = fc.oneof(
  fc.record({ result: number, body: fc.jsonValue(), payload: fc.base64String() }, { requiredKeys: [] }),
  fc.record({ err: fc.string() }),
  fc.record({
    result: fc.constant(200),
    body: fc.record({
      payload: fc.base64String(),
      crc32: fc.nat(),
      chunk_num: fc.nat(),
      total_chunks: fc.nat(),
    }),
  }),
);
const replies: Record<string, fc.Arbitrary<object>> = {
  "web.get": webReply,
  "note.changes": fc.record({ notes: fc.oneof(notes, fc.jsonValue()), total: number }, { requiredKeys: [] }),
  "note.get": fc.record({ body: fc.oneof(announcement, fc.jsonValue()), time: number }, { requiredKeys: [] }),
  "card.attn": fc.record(
    { files: fc.oneof(fc.constant(["file-update.qi"]), fc.jsonValue()), set: fc.jsonValue() },
    { requiredKeys: [] },
  ),
  "hub.get": fc.record({ mode: fc.jsonValue() }, { requiredKeys: [] }),
  "note.add": fc.constant({}),
  "card.binary": fc.record({ max: number, length: number }, { requiredKeys: [] }),
};

test.each(["json", "raw"])(
  "whatever a Notecard and a hub say, the agent goes on, and writes only below its root: %s",
  async (way) => {
    const { fake, folder, root, start } = await startDevice();
    const random = Object.fromEntries(
      Object.entries(replies).map(([req, arbitrary]) => [
        req,
        fc.sample(arbitrary, { numRuns: 200, seed: SEED }),
      ]),
    );
    let requests = 0;
    const script = ({ req }: FakeRequest): Stroke | undefined => {
      requests += 1;
      const reply = random[req]?.[requests % 200];
      return reply === undefined || requests % 7 === 0 ? undefined : { reply };
    };
    fake.script = script;
    const agent = start({ flags: ["--fetch", way, "--retry-pause", "0", "--rest", "0.01"] });
    fake.card.publish("good.txt", Buffer.from("good"));
    await expect.poll(() => requests).toBeGreaterThan(400);
    fake.script = undefined;
    fake.card.publish("good.txt", Buffer.from("better"));
    await expect.poll(() => readFile(path.join(root, "good.txt"), "utf8").catch(() => "")).toBe("better");
    await agent.stop();
    expect(agent.errors).toEqual([]);
    expect((await readdir(folder)).toSorted()).toEqual(["root", "state"]);
  },
  40_000,
);

test("a serial line that cannot be had says why", async () => {
  await expect(openSerialPort("/dev/no-such-device")).rejects.toThrow(
    /npm install serialport|cannot be opened/,
  );
});
