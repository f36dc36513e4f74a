import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  type ScheduledRules,
  startScheduledRules,
} from "../../../../local/aws/eventbridge/scheduled-rules.ts";
import { openQueues, type Queues } from "../../../../local/aws/sqs/queues.ts";

const DAY = 86_400;
const arnOf = (name: string) => `arn:aws:sqs:us-east-1:000000000000:${name}`;
const RULE = { id: "Sweep", arn: "arn:aws:events:us-east-1:000000000000:rule/Sweep", everySeconds: DAY };

let folder: string;
let file: string;
let queues: Queues;
let rules: ScheduledRules | undefined;
let faults: unknown[];
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "noteferry-rules-"));
  file = path.join(folder, "rules.json");
  faults = [];
  const queue = (name: string) => ({
    ...{ name, arn: arnOf(name), visibilityTimeoutSeconds: 30, retentionSeconds: 345_600, delaySeconds: 0 },
    redrive: undefined,
  });
  queues = openQueues({ file: ":memory:", timeScale: 1, queues: [queue("A"), queue("B")] });
});
afterEach(async () => {
  await rules?.stop();
  rules = undefined;
  queues.close();
  await rm(folder, { recursive: true });
});

async function start(
  timeScale: number,
  inputs: Record<string, string> = { A: '{"do":"sweep"}' },
): Promise<void> {
  const targets = Object.entries(inputs).map(([name, input]) => ({ queueArn: arnOf(name), input }));
  rules = await startScheduledRules({
    ...{ file, timeScale, rules: [{ ...RULE, targets }] },
    send: async (arn, input) => void (await queues.get(arn).send(input)),
    onFault: (error) => faults.push(error),
  });
}

const take = async (name: string) =>
  (await queues.get(name).receive({ max: 1, waitSeconds: 10 })).map(({ body }) => body);

const lastTime = async (): Promise<number> => JSON.parse(await readFile(file, "utf8")).Sweep;

test("each target gets its input as it is, again and again, at the rate divided by the time scale", async () => {
  await start(DAY * 5, { A: '{"do": "sweep"}', B: "[]" });
  expect(await take("A")).toEqual(['{"do": "sweep"}']);
  const first = await lastTime();
  expect(await take("B")).toEqual(["[]"]);
  expect(await take("A")).toEqual(['{"do": "sweep"}']);
  expect(await lastTime()).toBeGreaterThanOrEqual(first + 200);
});

test("a rule that was just seen waits a period, also over a restart, and one that is overdue does not", async () => {
  await start(1);
  expect(await queues.get("A").receive()).toEqual([]);
  const times = JSON.parse(await readFile(file, "utf8"));
  await rules?.stop();
  await start(1);
  expect(JSON.parse(await readFile(file, "utf8"))).toEqual(times);
  await rules?.stop();
  await writeFile(file, JSON.stringify({ Sweep: Date.now() - 3 * DAY * 1000 }));
  await start(1);
  expect(await take("A")).toHaveLength(1);
  await rules?.stop();
  expect(queues.get("A").depth()).toMatchObject({ visible: 0 }); // once, however many times it was missed
});

test.each([
  ["no JSON", "{"],
  ["a time that is none", '{"Sweep":"yesterday"}'],
  ["a time of a clock that ran ahead", `{"Sweep":${Date.now() + 400 * DAY * 1000}}`],
])("a file with %s holds nothing up", async (_what, text) => {
  await writeFile(file, text);
  await start(DAY * 5);
  expect(await take("A")).toHaveLength(1);
});

test("what cannot be sent is told, and the next target and the next time come all the same", async () => {
  await start(DAY * 10, { Nobody: "1", A: "2" });
  expect(await take("A")).toEqual(["2"]);
  expect(await take("A")).toEqual(["2"]);
  expect(String(faults[0])).toContain("there is no queue");
});

test("nothing is sent once it has stopped", async () => {
  await start(DAY * 10);
  await take("A");
  await rules?.stop();
  const { visible } = queues.get("A").depth();
  await new Promise((resolve) => setTimeout(resolve, 250));
  expect(queues.get("A").depth().visible).toBe(visible);
});
