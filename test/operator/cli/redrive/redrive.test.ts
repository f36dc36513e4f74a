import { afterAll, beforeAll, expect, test } from "vitest";
import { type Services, startServices } from "../../support/services.ts";

let services: Services;
beforeAll(async () => {
  services = await startServices();
});
afterAll(() => services.stop());

/** Takes everything off a queue. */
async function drain(name: string): Promise<string[]> {
  const bodies: string[] = [];
  for (;;) {
    const messages = await services.queues.get(name).receive({ max: 10, waitSeconds: 0 });
    if (messages.length === 0) return bodies.sort();
    for (const { body, receiptHandle } of messages) {
      bodies.push(body);
      services.queues.get(name).delete(receiptHandle);
    }
  }
}

/** As S3 tells of an upload. */
const event = (key: string) =>
  JSON.stringify({ Records: [{ s3: { object: { key: encodeURIComponent(key).replaceAll("%20", "+") } } }] });

const bury = (body: string, reason: string) =>
  services.queues.get("DeadLetterQueue").send(body, { reason: { DataType: "String", StringValue: reason } });

test("moves every dead letter back, more than a batch of them, and leaves none behind", async () => {
  const bodies = Array.from({ length: 23 }, (_, n) => event(`file ${String(n).padStart(2, "0")}`));
  for (const body of bodies) await bury(body, "Notehub answered 404");
  const dry = await services.json(["redrive", "--dry-run"]);
  expect(dry).toMatchObject({ code: 0, json: { waiting: 23, moved: 0 } });
  expect(dry.json.deadLetters).toHaveLength(23);
  expect(dry.json.deadLetters).toContainEqual({ keys: ["file 07"], reason: "Notehub answered 404" });
  // They were looked at, and may be taken at once.
  expect(services.queues.get("DeadLetterQueue").depth()).toEqual({ visible: 23, inFlight: 0, delayed: 0 });
  const run = await services.json(["redrive", "--wait", "0"]);
  expect(run).toMatchObject({ code: 0, json: { waiting: 23, moved: 23 } });
  expect(services.queues.get("DeadLetterQueue").depth()).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
  expect(await drain("FileQueue")).toEqual(bodies.sort());
  expect(await services.cli(["redrive"])).toEqual({ code: 0, out: "", err: "there are no dead letters\n" });
});

/** Does with the next messages as a notifier would: gives up some, announces the rest. */
async function notify(count: number, givesUp: (body: string) => boolean): Promise<void> {
  const queue = services.queues.get("FileQueue");
  for (let done = 0; done < count; ) {
    for (const { body, receiptHandle } of await queue.receive({ max: 1, waitSeconds: 20 })) {
      if (givesUp(body)) await bury(body, "no such device");
      queue.delete(receiptHandle);
      done += 1;
    }
  }
}

test("says how many left, how many are still tried, and which came back and why", async () => {
  for (const key of ["good", "bad", "slow"]) await bury(event(key), "the token was wrong");
  const [run] = await Promise.all([
    services.cli(["redrive", "--wait", "3"]),
    notify(2, (body) => body.includes("bad")),
  ]);
  expect(await drain("FileQueue")).toEqual([event("slow")]);
  expect(run).toMatchObject({ code: 1, out: "bad\t\tno such device\n" });
  expect(run.err).toMatch(/^1 of 3 have left the queue/m);
  expect(run.err).toMatch(/^about 1 are still being tried/m);
  expect(run.err).toMatch(/^1 came back: mend what is said of them, and run noteferry redrive again$/m);
  await drain("DeadLetterQueue");
}, 30_000);

test("Ctrl-C ends the watching: what was moved stays moved", async () => {
  await bury(event("one"), "why");
  const interrupt = new AbortController();
  const run = await services.cli(["redrive"], {
    signal: interrupt.signal,
    heard: ({ err }) => err.includes("watching") && interrupt.abort(),
  });
  expect(run).toMatchObject({ code: 130, out: "" });
  expect(await drain("FileQueue")).toEqual([event("one")]);
  expect(await drain("DeadLetterQueue")).toEqual([]);
});

test.each(["-1", "1.5", "x", "3601", ""])("--wait %j is no time", async (seconds) => {
  expect(await services.cli(["redrive", `--wait=${seconds}`])).toMatchObject({ code: 2, out: "" });
});
