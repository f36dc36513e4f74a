import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { linkProfile } from "../../../local/blues/notecard/link/profile.ts";
import { DEFAULT_PORTS } from "../../../local/stack/flags.ts";
import { startStack } from "../../../local/stack/start-stack.ts";

test("stacks that start at once with the same ports in mind all run, each on its own", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "noteferry-stacks-"));
  const start = (name: string) =>
    startStack({
      dataDir: path.join(folder, name),
      deviceRoot: path.join(folder, name, "device"),
      ...{ timeScale: 1, devices: 1, agent: false, link: linkProfile("none"), ports: DEFAULT_PORTS },
    });
  const starts = await Promise.allSettled(["a", "b", "c"].map(start));
  const stacks = starts.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
  try {
    expect(starts.filter(({ status }) => status === "rejected")).toEqual([]);
    const addresses = stacks.flatMap(({ endpoints: { s3, fileServer, notehub, notecard } }) => [
      ...[s3.endpoint, fileServer.url, notehub.url].map((url) => Number(new URL(url).port)),
      notecard.port,
    ]);
    expect(new Set(addresses).size).toBe(3 * 4);
    for (const { deployment, endpoints } of stacks) {
      const environments = deployment.functions.map(({ environment }) => environment);
      expect(environments.map(({ NOTEHUB_URL }) => NOTEHUB_URL)).toContain(endpoints.notehub.url);
      expect(deployment.outputs.get("RouteUrl")).toBe(endpoints.fileServer.url);
    }
  } finally {
    await Promise.all(stacks.map((stack) => stack.stop()));
    await rm(folder, { recursive: true, force: true });
  }
}, 60_000);
