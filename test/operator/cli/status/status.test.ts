import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { AwsError } from "../../../../local/aws/aws-json/aws-error.ts";
import { fileItem } from "../../../../protocol/delivery-items.ts";
import { DEVICE, type Services, startServices } from "../../support/services.ts";

const KEY = "app/main.py";
let services: Services;
beforeAll(async () => {
  services = await startServices({ table: true });
  await tell(KEY);
}, 60_000);
afterEach(() => {
  services.faults.aws = undefined;
});
afterAll(() => services.stop());

async function tell(key: string): Promise<void> {
  const announced = {
    key,
    sha256: "A".repeat(43),
    etag: "e",
    versionId: "v",
    size: 1,
    at: Date.now(),
  };
  await services.table.putOver(
    fileItem({ value: { device: DEVICE, path: key, announced }, revision: 0 }, undefined),
  );
}

const throttle = () => {
  throw new AwsError("com.amazonaws.dynamodb#ThrottlingException", "Rate exceeded");
};

/** Runs a watch until what it wrote is enough. */
function watchUntil(
  args: readonly string[],
  heard: (written: { out: string; err: string }, interrupt: () => void) => void,
) {
  const interrupt = new AbortController();
  return services.cli(["status", ...args, "--watch"], {
    signal: interrupt.signal,
    heard: (written) => heard(written, () => interrupt.abort()),
  });
}

test("--watch outlives a fault; a program gets a line for each change, and Ctrl-C ends it in a pause", async () => {
  const run = await watchUntil([DEVICE, "--json"], ({ out, err }, interrupt) => {
    if (err === "" && services.faults.aws === undefined) services.faults.aws = throttle; // after the first picture
    if (err.includes("Throttling") && !err.includes("again, after")) {
      services.faults.aws = undefined;
      void tell("second.txt");
    }
    if (out.split("\n").length === 3) setImmediate(interrupt);
  });
  expect(run.code).toBe(130);
  const documents = run.out
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(documents.map(({ devices: [device] }) => device.files.length)).toEqual([1, 2]);
  expect(run.err.split("\n")).toEqual([
    expect.stringMatching(/^AWS answered ThrottlingException: Rate exceeded\. What is shown/),
    expect.stringMatching(/^it answers again, after \d+ s$/),
    "interrupted",
    "",
  ]);
}, 30_000);

test("--watch ends with the exit code of what cannot pass", async () => {
  const run = await watchUntil([KEY], () => {
    services.faults.aws = () => {
      throw new AwsError("com.amazonaws.dynamodb#AccessDeniedException", "no grant");
    };
  });
  expect(run).toMatchObject({
    code: 4,
    err: "AWS does not allow it: no grant (docs/OPERATOR.md lists what it takes)\n",
  });
  expect(run.out).toMatch(/^dev:.*\n$/);
}, 30_000);

test.each([
  ["status", DEVICE],
  ["events", DEVICE],
  ["status", KEY, "--watch"],
])("Ctrl-C ends %s %s %s in the middle of a question that is never answered", async (...args) => {
  const interrupt = new AbortController();
  services.faults.aws = () => {
    interrupt.abort();
    return new Promise(() => undefined);
  };
  const run = await services.cli(args, { signal: interrupt.signal });
  expect(run).toMatchObject({ code: 130, out: "" });
});

test("on a terminal, that nothing is in trouble comes with how to see who has what", async () => {
  const { err } = await services.cli(["status"], { terminal: true });
  expect(err).toMatch(
    /^nothing is in trouble: noteferry status <key>, <device> or <fleet> shows who has what/,
  );
});

test("that nothing is in trouble is said once, however long it is watched", async () => {
  let looks = 0;
  const interrupt = new AbortController();
  services.faults.aws = (action) => {
    if (action === "dynamodb:Query") looks += 1;
    if (looks > 24) interrupt.abort(); // two looks at the least, of eight to ten questions, a few of the test before among them
  };
  const run = await services.cli(["status", "--watch"], { signal: interrupt.signal });
  expect(run).toEqual({ code: 130, out: "", err: "nothing is in trouble\ninterrupted\n" });
}, 30_000);
