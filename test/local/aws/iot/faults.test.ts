import { CreateJobCommand, DescribeJobExecutionCommand } from "@aws-sdk/client-iot";
import { expect, test } from "vitest";
import { createRandom, readSeed } from "../../../support/seeded-random.ts";
import type { Device } from "./support/device.ts";
import { thingArn } from "./support/device-policy.ts";
import { iotUnderTest } from "./support/iot-under-test.ts";

const SEED = readSeed();
const FAULTS = ["none", "cut", "lose-reply", "throttle", "unavailable"] as const;
const JOBS = ["j1", "j2", "j3"];

test("connections cut, requests throttled and replies lost at random: each job is done once, by a device that asks again", async () => {
  const random = createRandom(SEED);
  const { iot, connect, clients, inside } = await iotUnderTest();
  const { control } = await clients();
  for (const jobId of JOBS) {
    await control.send(new CreateJobCommand({ jobId, targets: [thingArn("pump")], document: "{}" }));
  }
  let device: Device | undefined;
  const first = random.shuffle(FAULTS); // each of them once, and then as it comes

  /** The answer; undefined where the connection ended before it, as one with a fault in its way does. */
  async function ask(name: string, request: unknown): Promise<Record<string, unknown> | undefined> {
    device ??= await connect("pump", { clean: random.chance(0.5) }).catch(() => undefined);
    if (device === undefined) return undefined;
    const { client, closed } = device;
    const fault = first.pop() ?? (random.chance(0.5) ? "none" : random.pick(FAULTS));
    if (fault !== "none" && fault !== "cut") iot.faults.inject(fault);
    const answered = device.ask(name, request).catch(() => undefined); // a client that was cut off has no PUBACK
    if (fault === "cut") iot.cut();
    // What is asked after it is answered after it: by then the lost reply would have come.
    if (fault === "lose-reply") void device.ask("get").then(() => iot.cut());
    const answer = await Promise.race([answered, closed]);
    if (answer === undefined) {
      client.end(true);
      device = undefined;
    }
    return answer?.payload;
  }

  for (let turns = 0; ; turns += 1) {
    expect(turns).toBeLessThan(300);
    const next = await ask("$next/get", {});
    if (next === undefined || next.code !== undefined) continue;
    if (next.execution === undefined) break;
    const { jobId, status, versionNumber } = next.execution as Record<string, unknown>;
    const wanted = status === "QUEUED" ? "IN_PROGRESS" : "SUCCEEDED";
    await ask(`${jobId}/update`, { status: wanted, expectedVersion: versionNumber });
  }
  for (const jobId of JOBS) {
    const { execution } = await control.send(new DescribeJobExecutionCommand({ jobId, thingName: "pump" }));
    expect(execution).toMatchObject({ status: "SUCCEEDED", versionNumber: 3, executionNumber: 1 });
  }
  expect(inside).toEqual([]);
});
