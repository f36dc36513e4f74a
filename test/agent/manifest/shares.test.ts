import { describe, expect, test } from "vitest";
import type { ManifestFile } from "../../../protocol/manifest.ts";
import { isInShare } from "../../../protocol/share.ts";
import { sha256 } from "../support/fake-card.ts";
import { versionedKey } from "../support/fake-server.ts";
import { deviceOfFleet } from "../support/fleet-device.ts";
import { DEVICE, FLEET } from "../support/fleet-files.ts";

const PATH = "app/main.py";
const [NEW, OLD] = [Buffer.from("the new version"), Buffer.from("the version before")];
const PREVIOUS = { size: OLD.length, sha256: sha256(OLD), version: "vOld" };

const salts = Array.from({ length: 200 }, (_, at) => `salt-${at}`);
const IN = salts.find((salt) => isInShare([50, salt], DEVICE)) ?? "";
const OUT = salts.find((salt) => !isInShare([50, salt], DEVICE)) ?? "";

const sharedBy = (salt: string, previous: ManifestFile["previous"] = PREVIOUS) => ({
  entry: (file: ManifestFile) =>
    file.path === PATH ? { ...file, share: [50, salt] as const, previous } : file,
});

async function brought(salt: string, previous?: ManifestFile["previous"], serves = true) {
  const device = await deviceOfFleet(sharedBy(salt, previous) as never);
  if (serves) device.card.files.set(versionedKey(`fleets/${FLEET}/${PATH}`, "vOld"), OLD);
  device.fleet.announce({ [PATH]: NEW, "other.txt": Buffer.from("x") });
  const agent = device.start();
  await agent.next("brought");
  await expect.poll(device.receipts).toHaveLength(1);
  return { ...device, agent, receipt: device.receipts()[0] };
}

describe("a version for a part of the fleet [NF-11.8] [NF-11.9]", () => {
  test("comes to a device that is in it", async () => {
    const { content, receipt } = await brought(IN);
    expect(await content(PATH)).toEqual(NEW);
    expect(receipt).toMatchObject({ installed: 2 });
  });

  test("comes not to one that is out: it gets the version before", async () => {
    const { content, receipt } = await brought(OUT);
    expect(await content(PATH)).toEqual(OLD);
    expect(receipt).toMatchObject({ installed: 2 });
    expect(receipt).not.toHaveProperty("not");
  });

  test("leaves one that cannot get the version before with what it has, which says so", async () => {
    const { content, receipt, card } = await brought(OUT, PREVIOUS, false);
    expect(await content(PATH)).toBeUndefined();
    expect(receipt).toMatchObject({ installed: 1, not: [[PATH, "held-back", "file-not-found"]] });
    expect(card.receipts).toHaveLength(1);
  });

  test("asks nothing of one that is out where there was none before", async () => {
    const { content, receipt } = await brought(OUT, undefined as never);
    expect(receipt).toBeDefined();
    expect(await content("other.txt")).toBeDefined();
  });
});
