import { readFile } from "node:fs/promises";
import path from "node:path";
import { type Device, startDevice } from "./agent-under-test.ts";
import { withRule } from "./app-rule.ts";

/** A program that runs only if `app/a` and `app/b` begin alike; it writes down what it was started with. */
const NEEDS_BOTH =
  'echo "$(head -c 1 app/a)$(head -c 1 app/b)" >> ran; [ "$(head -c 1 app/a)" = "$(head -c 1 app/b)" ]';

/** Flags for a device whose files below `app` need each other. */
export function withPairRule(device: Device, quietSeconds = 0.1): Promise<string[]> {
  const rule = { match: "app/**", command: ["sh", "-c", NEEDS_BOTH] satisfies [string, ...string[]] };
  return withRule(device, rule).then((flags) => [...flags, "--quiet", String(quietSeconds)]);
}

/** Publishes a version of each file. */
export function publishPair({ fake }: Device, version: string, names: readonly string[] = ["a", "b"]): void {
  for (const name of names) fake.card.publish(`app/${name}`, Buffer.from(`${version} of ${name}`));
}

/** The versions of `app/a` and `app/b` that are there. */
export async function pair({ root }: Device): Promise<string> {
  const read = (name: string) => readFile(path.join(root, "app", name), "utf8").catch(() => "-");
  return `${(await read("a"))[0]}${(await read("b"))[0]}`;
}

/** A device that has the first version of both. */
export async function pairDevice() {
  const device = await startDevice();
  const flags = await withPairRule(device);
  publishPair(device, "1");
  const agent = device.start({ flags });
  await agent.next("installed");
  await agent.next("installed");
  return { device, flags, agent };
}
