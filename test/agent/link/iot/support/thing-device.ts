import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { CancelJobCommand, CreateJobCommand, DescribeJobExecutionCommand } from "@aws-sdk/client-iot";
import { expect, onTestFinished } from "vitest";
import type { IotOptions } from "../../../../../local/aws/iot/iot.ts";
import { formatJobDocument } from "../../../../../protocol/job-document.ts";
import { noticeOf } from "../../../../../protocol/manifest-variable.ts";
import { groupArn, thingArn } from "../../../../local/aws/iot/support/device-policy.ts";
import { iotUnderTest } from "../../../../local/aws/iot/support/iot-under-test.ts";
import { MAIN, type RunningAgent, runApart, runHere } from "../../../support/agent-under-test.ts";
import { createFleet, type FleetOptions } from "../../../support/fleet-files.ts";
import { signPass, startPassServer } from "./pass-server.ts";
import { THING_POLICY } from "./thing-policy.ts";

export const THING = "pump";
export const UID = `thing:${THING}`;

/** Everything behind a thing: AWS IoT, a file-server, who makes jobs, and folders. All end with the test. */
export async function thingDevice(options: Partial<IotOptions> = {}) {
  const under = await iotUnderTest({ policy: THING_POLICY, ...options });
  const { control } = await under.clients();
  const server = await startPassServer(under.tls);
  const folder = await mkdtemp(path.join(tmpdir(), "noteferry-thing-"));
  const [root, state] = [path.join(folder, "root"), path.join(folder, "state")];
  await mkdir(root);
  const agents: RunningAgent[] = [];
  onTestFinished(async () => {
    await Promise.all(agents.map((agent) => agent.stop("SIGKILL")));
    await server.close();
    await rm(folder, { recursive: true, force: true });
  });
  const file = (name: string) => path.join(folder, name);
  const { cert, key } = await under.connection(THING);
  await writeFile(file("ca.pem"), under.tls.ca);
  await writeFile(file("cert.pem"), String(cert));
  await writeFile(file("key.pem"), String(key), { mode: 0o600 });
  const flags = () => [
    ...["--link", "iot", "--endpoint", `localhost:${under.iot.port}`, "--thing", THING],
    ...["--ca", file("ca.pem"), "--certificate", file("cert.pem"), "--key", file("key.pem")],
  ];
  const args = (more: readonly string[] = []) => [
    ...["run", "--json", ...flags(), "--root", root, "--state", state],
    ...["--retry-pause", "0.01", "--rest", "0.2", "--quiet", "0.05", ...more],
  ];

  let jobs = 0;
  const told: Promise<unknown>[] = [];
  const ids: string[] = [];
  const newId = () => {
    jobs += 1;
    return `nf-${jobs}`;
  };
  async function createJob(uid: string, document: string, jobId = newId()): Promise<string> {
    const [kind, name = ""] = uid.split(/:(.*)/s);
    ids.push(jobId);
    const [target, targetSelection] =
      kind === "thing" ? [thingArn(name), "SNAPSHOT" as const] : [groupArn(name), "CONTINUOUS" as const];
    await control.send(new CreateJobCommand({ jobId, targets: [target], targetSelection, document }));
    return jobId;
  }

  /** Status and details of a job on the thing. */
  async function execution(jobId: string) {
    const { execution: its } = await control.send(
      new DescribeJobExecutionCommand({ jobId, thingName: THING }),
    );
    return { status: its?.status, details: its?.statusDetails?.detailsMap };
  }

  return {
    ...{ ...under, control, server, folder, root, state, file, flags, args, createJob },
    start(more: readonly string[] = []): RunningAgent {
      const agent = runHere(args(more));
      agents.push(agent);
      return agent;
    },
    spawn(more: readonly string[] = []): RunningAgent {
      const agent = runApart([MAIN, ...args(more)]);
      agents.push(agent);
      return agent;
    },
    content: (name: string) => readFile(path.join(root, name)).catch(() => undefined),
    /** The cloud's side: each manifest of the target is told by a job. `jobOf` gives the id of the last one. */
    target(uid = UID, { at = server.url, ...more }: FleetOptions & { at?: string } = {}) {
      let last = "";
      const fleet = createFleet(
        {
          files: server.files,
          setVariable(_, value) {
            const notice = noticeOf(JSON.parse(value));
            const document = formatJobDocument({ for: uid, sig: signPass(uid), at, notice });
            last = newId();
            told.push(createJob(uid, document, last));
          },
        },
        { fleet: uid, ...more },
      );
      return {
        ...fleet,
        async announce(changes: Parameters<typeof fleet.announce>[0]) {
          const manifest = fleet.announce(changes);
          await Promise.all(told);
          return { ...manifest, job: last };
        },
      };
    },
    async cancel(jobId: string) {
      await control.send(new CancelJobCommand({ jobId, force: true }));
    },
    execution,
    /** What the thing said of itself, oldest first. */
    receipts: () =>
      under.published
        .filter(({ topic }) => topic === `noteferry/things/${THING}/receipts`)
        .map(({ payload }): Record<string, unknown> => JSON.parse(payload.toString())),
    async expectEnd(jobId: string, status: string, timeout = 15_000) {
      await expect.poll(async () => (await execution(jobId)).status, { timeout }).toBe(status);
    },
  };
}

export type ThingDevice = Awaited<ReturnType<typeof thingDevice>>;
