import { mkdtemp, readFile, rm } from "node:fs/promises";
import { Agent } from "node:https";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { S3Client } from "@aws-sdk/client-s3";
import type { FetchWay } from "../../../agent/link/notecard/doors/choose-door.ts";
import type { S3Observation } from "../../../local/aws/s3/observation.ts";
import { type LinkProfile, linkProfile } from "../../../local/blues/notecard/link/profile.ts";
import type { StackEvent } from "../../../local/progress/stack-event.ts";
import { type Stack, type StackHooks, startStack } from "../../../local/stack/start-stack.ts";

/** The whole way, in this process: the deployed template, a Notehub, a Notecard, and an agent in its own process. */
export type Flow = {
  stack: Stack;
  s3: S3Client;
  bucket: string;
  /** PEM of the CA behind every local address. */
  ca: Buffer;
  /** What happened to files, oldest first. */
  events: StackEvent[];
  /** Lines of the functions and the agent, oldest first. */
  logs: { source: string; line: string }[];
  observations: S3Observation[];
  deviceFile(file: string): Promise<Buffer | undefined>;
  stop(): Promise<void>;
};

/** Starts a flow on free ports in a folder of its own. `timeScale` divides the queue's waiting times. */
export async function startFlow(
  options: {
    timeScale?: number;
    devices?: number;
    agent?: boolean;
    fetch?: FetchWay;
    link?: LinkProfile;
    iot?: boolean;
  } & Pick<StackHooks, "s3Fault" | "deliverS3" | "editTemplate" | "observeInvocation"> = {},
): Promise<Flow> {
  const dataDir = await mkdtemp(path.join(tmpdir(), "noteferry-flow-"));
  const deviceRoot = path.join(dataDir, "device");
  const events: StackEvent[] = [];
  const logs: Flow["logs"] = [];
  const observations: S3Observation[] = [];
  const stack = await startStack(
    {
      dataDir,
      deviceRoot,
      timeScale: options.timeScale ?? 1,
      devices: options.devices ?? 1,
      agent: options.agent ?? true,
      fetch: options.fetch,
      iot: options.iot,
      link: options.link ?? linkProfile("none"),
      ports: { s3: 0, aws: 0, functionUrl: 0, notehub: 0, notecard: 0, control: 0, recorder: 0, iot: 0 },
    },
    {
      onEvent: (event) => events.push(event),
      onLog: (source, line) => logs.push({ source, line }),
      observeS3: (observation) => observations.push(observation),
      s3Fault: options.s3Fault,
      deliverS3: options.deliverS3,
      editTemplate: options.editTemplate,
      observeInvocation: options.observeInvocation,
    },
  );
  const { endpoint, region, bucket, accessKeyId, secretAccessKey } = stack.endpoints.s3;
  const ca = await readFile(stack.endpoints.caFile);
  const agent = new Agent({ ca, keepAlive: true });
  const s3 = new S3Client({
    endpoint,
    region,
    forcePathStyle: true,
    credentials: { accessKeyId, secretAccessKey },
    requestHandler: { httpsAgent: agent },
  });
  return {
    ...{ stack, s3, bucket, ca, events, logs, observations },
    deviceFile: (file) => readFile(path.join(deviceRoot, file)).catch(() => undefined),
    async stop() {
      s3.destroy();
      agent.destroy();
      await stack.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** As the setting `fleetAnnouncements: notes` does, for hosts that know of no variable. */
export const tellFleetsByNotes: NonNullable<StackHooks["editTemplate"]> = ({ Resources }) => {
  const { Environment } = Resources.FileNotifierFunction?.Properties ?? {};
  Object.assign(Object(Object(Environment).Variables), { FLEET_ANNOUNCEMENTS: "notes" });
};

/** Waits until `check` gives a value that is not undefined or false. @throws {Error} that tells what was awaited. */
export async function until<T>(
  what: string,
  check: () => T | Promise<T>,
  seconds = 30,
): Promise<Exclude<T, undefined | false>> {
  const deadline = performance.now() + seconds * 1000;
  for (;;) {
    const value = await check();
    if (value !== undefined && value !== false) return value as Exclude<T, undefined | false>;
    if (performance.now() > deadline) throw new Error(`${what} did not happen within ${seconds} s`);
    await sleep(25);
  }
}
