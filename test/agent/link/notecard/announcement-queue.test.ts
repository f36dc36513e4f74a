import { createConnection } from "node:net";
import fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  createAnnouncementQueue,
  MAX_LISTED_NOTES,
} from "../../../../agent/link/notecard/announcement-queue.ts";
import { createNotecard } from "../../../../agent/notecard/notecard.ts";
import { NETWORK_LINE } from "../../../../agent/notecard/port.ts";
import { createStreamPort } from "../../../../agent/notecard/stream-port.ts";
import { announcementOf } from "../../support/fake-card.ts";
import { type FakeRequest, startFakeNotecard } from "../../support/fake-notecard.ts";

/** A full announcement, and so 250 bytes of JSON. */
const full = (at: number) => announcementOf(`${at}`.padEnd(108, "x"), Buffer.from(`${at}`));

async function startQueue(bodies: object[]) {
  const fake = await startFakeNotecard();
  const timing = { ...NETWORK_LINE, quietMs: 5, gapMs: 150, retryPauseMs: 1 };
  const notecard = createNotecard(createStreamPort(createConnection(fake.port, "127.0.0.1"), timing));
  onTestFinished(async () => {
    await notecard.close();
    await fake.close();
  });
  for (const body of bodies) fake.card.announce(body);
  const ids = () => fake.card.queue.map(({ id, time }) => `${id}@${time}`);
  const asked = () => fake.requests.filter(({ req }) => req === "note.changes");
  return { fake, queue: createAnnouncementQueue(notecard), ids, asked };
}

const listed = (notes: { id: string }[]) => notes.map(({ id }) => id);

describe("the announcement queue", () => {
  test("that fits into one reply is read by one request, which leaves nothing on the Notecard", async () => {
    const { fake, queue, ids, asked } = await startQueue([full(1), { junk: true }, full(3)]);
    const notes = await queue.list();
    expect(listed(notes)).toEqual(ids());
    expect(notes.map(({ announcement }) => announcement?.name[0])).toEqual(["1", undefined, "3"]);
    expect(asked()).toEqual([{ req: "note.changes", file: "file-update.qi", max: 32 }]);
    expect(fake.card.trackers.size).toBe(0);
  });

  test("is listed in the order of arrival, whatever the order in a reply", async () => {
    const { fake, queue } = await startQueue([]);
    const notes = {
      "1:10": { body: {}, time: 5 },
      "1:9": { body: {}, time: 5 },
      "1:2": { body: {}, time: 7 },
    };
    fake.script = () => ({ reply: { notes, total: 3 } });
    expect(listed(await queue.list())).toEqual(["1:9@5", "1:10@5", "1:2@7"]);
  });

  test("that was never made, or is empty, lists nothing", async () => {
    const { fake, queue } = await startQueue([]);
    expect(await queue.list()).toEqual([]);
    fake.script = () => ({ reply: { err: "no such file {notefile-noexist}" } });
    expect(await queue.list()).toEqual([]);
    expect(await queue.discard(new Set(["1:1@0"]))).toEqual([]);
  });

  test.each([33, 64, 65, 500])("of %d full announcements is read whole, in pages", async (count) => {
    const { fake, queue, ids } = await startQueue(Array.from({ length: count }, (_, at) => full(at)));
    expect(JSON.stringify(fake.card.queue).length).toBeGreaterThan(count * 250);
    expect(listed(await queue.list())).toEqual(ids());
    expect(listed(await queue.list())).toEqual(ids());
    expect(fake.card.trackers.size).toBe(0);
  });

  test("is read from its beginning, though a killed agent has left its tracker", async () => {
    const { fake, queue, ids, asked } = await startQueue(Array.from({ length: 70 }, (_, at) => full(at)));
    fake.card.trackers.set("noteferry", 50);
    expect(listed(await queue.list())).toEqual(ids());
    expect(asked()).toHaveLength(1 + 3 + 1);
    expect(fake.card.trackers.size).toBe(0);
  });

  test("whose Notes are too large for a page is read in smaller ones", async () => {
    const { queue, ids, asked } = await startQueue(
      Array.from({ length: 40 }, (_, at) => ({ at, junk: "x".repeat(20_000) })),
    );
    expect(listed(await queue.list())).toEqual(ids());
    expect(new Set(asked().map(({ max }) => max))).toEqual(new Set([32, 8, 2, 1]));
  });

  test.each<[string, (line: Buffer) => Buffer]>([
    ["garbled", (line) => Buffer.from(line.toString().replace(/body/, "b0dy"))],
    ["cut off", (line) => line.subarray(0, 300)],
  ])("whose larger pages come %s is read in smaller ones", async (_what, mangle) => {
    const { fake, queue, ids } = await startQueue(Array.from({ length: 40 }, (_, at) => full(at)));
    fake.script = ({ max }) => (Number(max) > 2 ? { mangle } : undefined);
    expect(listed(await queue.list())).toEqual(ids());
    expect(fake.card.trackers.size).toBe(0);
  });

  test("that cannot be listed at all is worked off from its head", async () => {
    const { fake, queue } = await startQueue([full(1), full(2)]);
    fake.script = ({ req }) => (req === "note.changes" ? { raw: "{\r\n" } : undefined);
    const [head, ...more] = await queue.list();
    expect({ head, more }).toMatchObject({ head: { announcement: full(1) }, more: [] });
    expect(await queue.discard(new Set([head?.id ?? ""]))).toEqual([head?.id]);
    expect(await queue.list()).toMatchObject([{ announcement: full(2) }]);
  });
});

describe("a Notecard that pages oddly", () => {
  const page = (notes: object, total: unknown) => ({ reply: { notes, total } });
  const note = (id: number) => ({ [`1:${id}`]: { body: {}, time: 1 } });
  const first32 = Object.assign({}, ...Array.from({ length: 32 }, (_, at) => note(at)));

  test.each<[string, (request: FakeRequest) => ReturnType<typeof page> | undefined]>([
    ["and ignores trackers", () => page(first32, 100)],
    [
      "and refuses trackers",
      ({ tracker }) => (tracker ? ({ reply: { err: "no {x}" } } as never) : page(first32, 100)),
    ],
    ["and tells no total", () => page(first32, undefined)],
    ["and tells nonsense for a total", () => page(first32, "many")],
  ])("%s gives what it shows, in a few requests", async (_what, script) => {
    const { fake, queue, asked } = await startQueue([]);
    fake.script = script;
    expect(await queue.list()).toHaveLength(32);
    expect(asked().length).toBeLessThan(10);
  });

  test("and ignores max gives all of it", async () => {
    const { fake, queue, ids } = await startQueue(Array.from({ length: 100 }, (_, at) => ({ at })));
    fake.script = (request) => {
      delete request.max;
      return undefined;
    };
    expect(listed(await queue.list())).toEqual(ids());
  });

  test("and finds more Notes for ever is believed up to a limit", async () => {
    const { fake, queue } = await startQueue([]);
    let id = 0;
    fake.script = () => page(Object.assign({}, ...Array.from({ length: 32 }, () => note(id++))), 1e15);
    const notes = await queue.list();
    expect(notes.length).toBeGreaterThanOrEqual(MAX_LISTED_NOTES);
    expect(notes.length).toBeLessThan(MAX_LISTED_NOTES + 32);
  });

  test("and loses a page on its way is asked once more", async () => {
    const { fake, queue, ids } = await startQueue(Array.from({ length: 100 }, (_, at) => full(at)));
    let pages = 0;
    fake.script = ({ tracker, start, stop }) => {
      if (tracker === undefined || start === true || stop === true || pages++ > 0) return undefined;
      fake.card.trackers.set("noteferry", 64); // as if the page had been given, and taken for another's
      return undefined;
    };
    expect(listed(await queue.list())).toEqual(ids());
  });
});

describe("what is deleted from the queue [NF-9.5]", () => {
  test("is what was settled, from the old end on, over as many pages as it takes", async () => {
    const { fake, queue, ids } = await startQueue(Array.from({ length: 90 }, (_, at) => full(at)));
    const all = ids();
    const settled = new Set([...all.slice(0, 80), ...all.slice(85)]);
    expect(await queue.discard(settled)).toEqual(all.slice(0, 80));
    expect(ids()).toEqual(all.slice(80));
    expect(fake.card.trackers.size).toBe(0);
  });

  test("is told of once, where the Notecard deletes nothing", async () => {
    const { fake, queue, ids } = await startQueue(Array.from({ length: 40 }, () => ({ same: true })));
    fake.script = (request) => (request.delete === true ? { reply: { body: {} } } : undefined);
    const deleted = await queue.discard(new Set(ids()));
    expect(new Set(deleted).size).toBe(deleted.length);
  });

  test("is nothing more once the agent is told to stop", async () => {
    const { fake, queue, ids } = await startQueue([full(1)]);
    expect(await queue.discard(new Set(ids()), AbortSignal.abort())).toEqual([]);
    expect(fake.requests).toEqual([]);
  });

  test("is never a Note that was not settled, whatever arrives, goes or is lost meanwhile", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(4), fc.boolean()), { maxLength: 12 }),
        fc.array(fc.constantFrom("arrive", "go", "lose", "nothing"), { maxLength: 20 }),
        async (notes, happenings) => {
          const { fake, queue, ids } = await startQueue(notes.map(([content]) => ({ content })));
          const settled = new Set(ids().filter((_, at) => notes[at]?.[1]));
          // The same content says the same: one may stand for the other.
          const settledContents = new Set(notes.filter(([, is]) => is).map(([content]) => content));
          const deleted: unknown[] = [];
          let at = 0;
          fake.script = (request) => {
            if (request.delete === true) deleted.push(Object(fake.card.queue[0]?.body).content);
            const happening = request.delete === true ? "nothing" : happenings[at++];
            if (happening === "arrive") fake.card.announce({ content: 99 });
            // Between the look at the head and its deletion nothing can help: there is no request for both.
            if (happening === "go" && request.req === "note.changes") fake.card.queue.shift();
            return happening === "lose" ? { mangle: () => Buffer.from("{\r\n") } : undefined;
          };
          await queue.discard(settled).catch(() => undefined);
          for (const content of deleted) expect(settledContents).toContain(content);
        },
      ),
      { numRuns: 60 },
    );
  });
});
