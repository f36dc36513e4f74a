import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { PortTaken } from "../../../local/host/loopback/port-taken.ts";
import { parseFlags } from "../../../local/stack/flags.ts";
import { startStackConsole } from "../../../local/stack/stack-console.ts";

let dataDir: string;
let port: number;
const holder = createServer();

beforeEach(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), "noteferry-console-"));
  const caFile = path.join(dataDir, "ca.pem");
  await writeFile(caFile, "");
  // Nobody's address: that a console has no port is known before anything is asked there.
  const service = {
    endpoint: "https://127.0.0.1:9",
    region: "us-east-1",
    accessKeyId: "a",
    secretAccessKey: "b",
  };
  const outputs = {
    ...{ FilesBucketName: "files", DeliveryTableName: "table" },
    ...{ FileQueueUrl: "https://127.0.0.1:9/files", DeadLetterQueueUrl: "https://127.0.0.1:9/dead" },
  };
  const endpoints = { caFile, s3: service, aws: service, outputs };
  await writeFile(path.join(dataDir, "endpoints.json"), JSON.stringify(endpoints));
  await once(holder.listen(0, "127.0.0.1"), "listening");
  const address = holder.address();
  port = typeof address === "object" && address !== null ? address.port : 0;
});

afterEach(async () => {
  holder.close();
  await rm(dataDir, { recursive: true, force: true });
});

test("a console port that was asked for and is taken is a sentence, with who has it; a usual one is replaced", async () => {
  const flags = parseFlags(["--data", dataDir, "--console-port", String(port)], "/") ?? expect.fail();
  const error = await startStackConsole(flags, () => undefined).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(PortTaken);
  expect(String(error)).toContain(`port ${port} is taken by process ${process.pid} (`);
  const console = await startStackConsole({ ...flags, consolePort: { preferred: port } }, () => undefined);
  expect(console.port).not.toBe(port);
  await console.close();
});
