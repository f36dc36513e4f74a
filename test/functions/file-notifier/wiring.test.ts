import { spawn } from "node:child_process";
import path from "node:path";
import { expect, test } from "vitest";
import { DEAD_LETTER_QUEUE_URL, QUEUE_URL, sqsRecord } from "./support/aws-json-stand-in.ts";
import { PROJECT } from "./support/notehub-stand-in.ts";
import { ANNOUNCEMENTS_BUCKET, FILES_BUCKET, PACKED_BUCKET } from "./support/s3-stand-in.ts";
import { DEVICE, s3Message, startWorld } from "./support/world.ts";

const ENTRY = path.resolve(import.meta.dirname, "../../../functions/file-notifier/index.ts");
const RUN = `
const { handler } = await import(process.argv[1]);
const context = { getRemainingTimeInMillis: () => 60_000, awsRequestId: "1", functionName: "file-notifier" };
console.log(JSON.stringify(await handler(JSON.parse(process.argv[2]), context)));`;

type Run = { code: number | null; lines: Record<string, unknown>[]; text: string };

function run(env: Record<string, string>, bodies: string[]): Promise<Run> {
  const event = JSON.stringify({ Records: bodies.map((body) => sqsRecord(body)) });
  const child = spawn(process.execPath, ["--input-type=module", "--eval", RUN, ENTRY, event], {
    env: { PATH: process.env.PATH, ...env },
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (text += data));
  return new Promise((resolve) => {
    child.on("close", (code) => {
      const lines = text.split("\n").filter((line) => line.startsWith("{"));
      resolve({ code, text, lines: lines.map((line) => JSON.parse(line)) });
    });
  });
}

test("the entry, wired by its environment alone: log lines, metrics, no secret in either", async () => {
  await using world = await startWorld();
  const record = world.s3.upload("main.py", "1");
  const refused = world.s3.upload("a/../b", "1");
  const { lines, text } = await run(
    {
      AWS_REGION: "eu-west-1",
      AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
      AWS_SECRET_ACCESS_KEY: "wJalrXUtnFEMI",
      AWS_ENDPOINT_URL_S3: world.s3.url,
      AWS_ENDPOINT_URL_SQS: world.aws.url,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: world.aws.url,
      AWS_ENDPOINT_URL_DYNAMODB: world.aws.url,
      DELIVERY_TABLE: "deliveries",
      POWERTOOLS_SERVICE_NAME: "file-notifier",
      POWERTOOLS_METRICS_NAMESPACE: "Noteferry",
      ANNOUNCEMENTS_BUCKET,
      FILES_BUCKET,
      PACKED_BUCKET,
      FLEET_ANNOUNCEMENTS: "variable",
      NOTEHUB_CALLS_PER_MINUTE: "7",
      PRUNE: "false",
      QUEUE_URL,
      DEAD_LETTER_QUEUE_URL,
      NOTEHUB_URL: world.notehub.url,
      NOTEHUB_PROJECT_UID: PROJECT,
      NOTEHUB_SECRET_ARN: "arn:aws:secretsmanager:eu-west-1:123456789012:secret:notehub",
      MAX_RECEIVES: "1000",
      MAX_FILE_BYTES: "1000000",
      DEFAULT_TARGET: DEVICE,
    },
    [s3Message(record), s3Message(refused), "garbage"],
  );
  expect(lines).toContainEqual({ batchItemFailures: [] });
  expect(world.notehub.accepted).toHaveLength(1);
  expect(world.aws.dead).toHaveLength(1);
  const announced = lines.find(({ message }) => message === "announced");
  expect(announced).toMatchObject({
    level: "INFO",
    service: "file-notifier",
    key: "main.py",
    device: DEVICE,
    size: 1,
  });
  const metrics = lines.filter((line) => "_aws" in line);
  expect(metrics).toContainEqual(
    expect.objectContaining({ FilesRefused: 1, service: "file-notifier", reason: "path" }),
  );
  expect(JSON.stringify(metrics)).toContain('"Namespace":"Noteferry"');
  expect(text).not.toMatch(/pat-1|wJalrXUtnFEMI/);
});

test("a variable that is missing is named", async () => {
  const { code, text } = await run({ AWS_REGION: "eu-west-1" }, []);
  expect(code).not.toBe(0);
  expect(text).toContain("environment variable ANNOUNCEMENTS_BUCKET");
});
