import { afterAll, beforeAll, expect, test } from "vitest";
import { type Services, startServices } from "../support/services.ts";

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
    bodies.push(...messages.map(({ body }) => body));
  }
}

test("moves every dead letter back, more than a batch of them, and leaves none behind", async () => {
  const bodies = Array.from({ length: 23 }, (_, n) => `event ${String(n).padStart(2, "0")}`);
  for (const body of bodies) await services.queues.get("DeadLetterQueue").send(body);
  expect(await services.json(["redrive", "--dry-run"])).toMatchObject({
    code: 0,
    json: { waiting: 23, moved: 0 },
  });
  const run = await services.json(["redrive"]);
  expect(run).toMatchObject({ code: 0, json: { waiting: 23, moved: 23 } });
  expect(services.queues.get("DeadLetterQueue").depth()).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
  expect(await drain("FileQueue")).toEqual(bodies);
  expect(await services.cli(["redrive"])).toEqual({ code: 0, out: "", err: "there are no dead letters\n" });
});
