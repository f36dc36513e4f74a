import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect } from "vitest";
import type { RunRule } from "../../../agent/trial/run-rule.ts";
import type { Device } from "./agent-under-test.ts";

export const GOOD = "#!/bin/sh\necho good >> ran\n";
export const BAD = "#!/bin/sh\necho bad >> ran\nexit 3\n";
export const LASTS = "#!/bin/sh\necho lasts >> ran\nexec sleep 30\n";

/** Flags for a device whose file `app` is run after each installation. */
export async function withRule(device: Device, rule: Partial<RunRule> = {}): Promise<string[]> {
  const file = path.join(device.folder, "config.json");
  await writeFile(
    file,
    JSON.stringify({ run: [{ match: "app", command: ["{path}"], seconds: 5, ...rule }] }),
  );
  return ["--config", file];
}

/** The flags of a device that has run its `app`, good as it is, and whose agent has ended. */
export async function withGoodApp(device: Device): Promise<string[]> {
  const flags = await withRule(device);
  device.fake.card.publish("app", Buffer.from(GOOD));
  const agent = device.start({ flags });
  await agent.next("installed");
  await expect.poll(() => device.fake.card.queue).toEqual([]);
  await agent.stop();
  return flags;
}

/** What the programs wrote, a word per start. */
export async function ran({ root }: Device): Promise<string[]> {
  const text = await readFile(path.join(root, "ran"), "utf8").catch(() => "");
  return text.split("\n").filter((line) => line !== "");
}

export function app({ root }: Device): Promise<string | undefined> {
  return readFile(path.join(root, "app"), "utf8").catch(() => undefined);
}
