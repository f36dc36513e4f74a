import { afterAll, beforeAll, expect, test } from "vitest";
import { type Services, startServices } from "../../support/services.ts";

let services: Services;
beforeAll(async () => {
  services = await startServices({ things: true });
});
afterAll(() => services.stop());

const depth = (name: string) => services.queues.get(name).depth().visible;
const bury = async (count: number) => {
  for (let n = 0; n < count; n += 1)
    await services.queues
      .get("ThingReceiptDeadLetterQueue")
      .send(JSON.stringify({ thing: "pump", body: "" }));
};

test("receipts of things go back to their own queue, beside the files' dead letters", async () => {
  await bury(12);
  await services.queues.get("DeadLetterQueue").send("{}");
  const dry = await services.json(["redrive", "--dry-run"]);
  expect(dry).toMatchObject({
    code: 0,
    err: expect.stringContaining("would move 12 receipts of things to the recorder's queue"),
    json: { waiting: 1, moved: 0, receipts: { waiting: 12, moved: 0 } },
  });
  expect(depth("ThingReceiptDeadLetterQueue")).toBe(12);
  const run = await services.json(["redrive", "--wait", "0"]);
  expect(run).toMatchObject({
    code: 0,
    err: expect.stringContaining("moved 12 of 12 receipts of things to the recorder's queue"),
    json: { waiting: 1, moved: 1, receipts: { waiting: 12, moved: 12 } },
  });
  expect([depth("ThingReceiptQueue"), depth("ThingReceiptDeadLetterQueue"), depth("FileQueue")]).toEqual([
    12, 0, 1,
  ]);
});

test("where only receipts are there, nothing is watched; where none are, that is said", async () => {
  await bury(1);
  const run = await services.cli(["redrive"]);
  expect(run).toMatchObject({ code: 0, out: "" });
  expect(run.err).toMatch(/^moved 1 of 1 receipt of a thing to the recorder's queue: [^\n]+\n$/);
  expect(await services.cli(["redrive"])).toEqual({ code: 0, out: "", err: "there are no dead letters\n" });
  expect((await services.json(["redrive"])).json).toEqual({
    ...{ waiting: 0, moved: 0, receipts: { waiting: 0, moved: 0, failed: 0 } },
  });
});

test("doctor says that there are some, and what to do", async () => {
  await bury(2);
  const found = async () => {
    const { json } = await services.json(["doctor"]);
    return json.findings.find(({ check }: { check: string }) => check === "receipts of things");
  };
  expect(await found()).toMatchObject({
    state: "wrong",
    says: "2 receipts of things could not be recorded",
    remedy: expect.stringMatching(/recorder's log.*noteferry redrive/),
  });
  await services.cli(["redrive"]);
  expect(await found()).toMatchObject({ state: "ok" });
});

test("what SQS does not take stays a dead letter, and the command fails", async () => {
  await services.queues.get("ThingReceiptDeadLetterQueue").send("\u0001");
  await bury(1);
  const run = await services.json(["redrive"]);
  expect(run).toMatchObject({ code: 1, json: { receipts: { waiting: 2, moved: 1, failed: 1 } } });
  expect(run.err).toContain("SQS did not take 1 receipt of a thing: they stay dead letters");
});
