import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { reviveFailed } from "../../../agent/delivery/revive.ts";
import { isCondemned, openFailedVersions } from "../../../agent/trial/failed-versions.ts";
import { type Device, startDevice } from "../support/agent-under-test.ts";
import { ran, withRule } from "../support/app-rule.ts";
import { DEVICE } from "../support/fleet-files.ts";
import { seqOf } from "../support/packed.ts";

const command: [string, ...string[]] = ["sh", "-c", "echo $(cat app/*) >> ran; [ ! -e app/bad ]"];
const flagsOf = async (device: Device) => [
  ...(await withRule(device, { match: "app/**", command })),
  "--quiet",
  "0.1",
];
const keyOf = (name: string) => `devices/${DEVICE}/app/${name}`;

/** Announces a version of a file of the device's own. */
function tell({ fake }: Device, name: string, content: string, order: number): void {
  const announcement = fake.card.publish(keyOf(name), Buffer.from(content));
  fake.card.queue.pop();
  fake.card.announce({ ...announcement, seq: seqOf(order) });
}

test("what failed with a file whose key is gone is tried without it, by a successor too, and that file stays condemned by itself [NF-9.12]", async () => {
  const device = await startDevice();
  const flags = await flagsOf(device);
  tell(device, "n1", "n1", 1);
  tell(device, "bad", "bad", 2);
  const agent = device.start({ flags });
  for (const _ of ["n1", "bad"]) expect(await agent.next("failed")).toMatchObject({ reason: "run" });
  await agent.stop();
  device.fake.card.announce({ name: keyOf("bad"), seq: seqOf(3), gone: true });
  const next = device.start({ flags });
  expect(await next.next("installed")).toMatchObject({ path: "app/n1" });
  expect(await readFile(path.join(device.root, "app/n1"), "utf8")).toBe("n1");
  await expect.poll(() => ran(device)).toEqual(["badn1", "n1"]);
  await expect.poll(() => device.fake.card.queue).toEqual([]);
  tell(device, "bad", "bad", 4);
  expect(await next.next("failed")).toMatchObject({ name: keyOf("bad") });
  expect(await ran(device)).toHaveLength(2);
});

test("a verdict that a manifest makes void is forgotten for its files, and forgiven for those of Notes, which nobody asks for again [NF-9.12]", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "noteferry-failed-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = path.join(folder, "failed.json");
  const failed = await openFailedVersions(file);
  const version = { name: "x", size: 1, seq: undefined, etag: "e", version: undefined, fleet: undefined };
  const common = { removed: undefined, reason: "run", detail: "", ended: undefined, forgiven: undefined };
  const of = (name: string, fleet?: string) => {
    return { ...common, sha256: name, unit: "u", version: { ...version, name, fleet } };
  };
  await failed.setAll(
    new Map([
      ["n", of("n")],
      ["m", of("m", "fleet:a")],
    ]),
  );
  await failed.release(["n", "m"]);
  const again = (await openFailedVersions(file)).all();
  expect([...again.keys()]).toEqual(["n"]);
  const rule = { match: "**", command: ["true"] as [string], seconds: 1 };
  expect(
    reviveFailed(
      [],
      again,
      () => rule,
      () => false,
    ),
  ).toMatchObject([{ announcement: { name: "n", etag: "e" } }]);
  expect(isCondemned(again, new Map([["n", "n"]]))).toBe(false);
});
