import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { linkProfile } from "../../../local/blues/notecard/link/profile.ts";
import { listenOnLoopback } from "../../../local/host/loopback/listen-on-loopback.ts";
import { parseFlags } from "../../../local/stack/flags.ts";
import { startStack } from "../../../local/stack/start-stack.ts";
import { expectIotWorks } from "./support/iot-in-stack.ts";

test("stacks that start at once with the same ports in mind all run, each on its own, and AWS IoT where it is asked for", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "noteferry-stacks-"));
  // Of the ports in mind some are somebody else's, so that both stacks give way at once; for the others they race.
  const stranger = createServer();
  const taken = await listenOnLoopback(stranger, 0);
  const logs: string[] = [];
  const { ports: usual } = parseFlags([], folder) ?? expect.fail();
  const start = (name: string) =>
    startStack(
      {
        dataDir: path.join(folder, name),
        deviceRoot: path.join(folder, name, "device"),
        ...{ timeScale: 1, devices: 1, agent: false, link: linkProfile("none"), iot: name === "a" },
        ...(name === "b" && { context: { prune: "true", fleetAnnouncements: "notes" } }),
        ports: { ...usual, s3: { preferred: taken }, notehub: { preferred: taken } },
      },
      name === "a" ? { onLog: (source, line) => logs.push(`${source} ${line}`) } : undefined,
    );
  const starts = await Promise.allSettled(["a", "b"].map(start));
  const stacks = starts.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
  try {
    expect(starts.filter(({ status }) => status === "rejected")).toEqual([]);
    const addresses = stacks.flatMap(({ endpoints: { s3, fileServer, notehub, notecard } }) => [
      ...[s3.endpoint, fileServer.url, notehub.url].map((url) => Number(new URL(url).port)),
      notecard.port,
    ]);
    expect(new Set([...addresses, taken]).size).toBe(2 * 4 + 1);
    for (const { deployment, endpoints } of stacks) {
      const environments = deployment.functions.map(({ environment }) => environment);
      expect(environments.map(({ NOTEHUB_URL }) => NOTEHUB_URL)).toContain(endpoints.notehub.url);
      expect(deployment.outputs.get("RouteUrl")).toBe(endpoints.fileServer.url);
    }
    const settings = stacks.flatMap(({ deployment }) =>
      deployment.functions.flatMap(({ environment: { PRUNE, FLEET_ANNOUNCEMENTS } }) =>
        PRUNE === undefined ? [] : [[PRUNE, FLEET_ANNOUNCEMENTS]],
      ),
    );
    expect(settings).toEqual([
      ["false", "variable"],
      ["true", "notes"],
    ]);
    const withIot = stacks.filter(({ endpoints }) => endpoints.iot !== undefined);
    expect(withIot).toHaveLength(1);
    for (const stack of withIot) await expectIotWorks(stack, logs);
  } finally {
    await Promise.all(stacks.map((stack) => stack.stop()));
    stranger.close();
    await rm(folder, { recursive: true, force: true });
  }
}, 60_000);
