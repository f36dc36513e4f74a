import { expect, test } from "vitest";
import { LinkDown } from "../../../agent/link/link.ts";
import { formatVariable, type ManifestNotice, variableName } from "../../../protocol/manifest-variable.ts";
import { packedKey } from "../../../protocol/packed.ts";
import { sha256 } from "../../agent/support/fake-card.ts";
import { versionedKey } from "../../agent/support/fake-server.ts";
import { patternedBytes } from "../../agent/support/patterned-bytes.ts";
import { describeFetch, describeLink, NEVER } from "./support/describe-link.ts";

const FLEET = "fleet:00000000-0000-4000-8000-000000000002";
const VARIABLE = variableName(FLEET);
const LONG_MS = 600_000;

const noticeOf = (serial: number): ManifestNotice => ({
  ...{ serial, sha256: sha256(Buffer.from(`manifest ${serial}`)), size: 1000 + serial },
  ...{ step: { base: "AAAAAAAA", bytes: 90 }, zstd: 300 },
});

describeLink("what manifests are announced", (start, { hasNotes }) => {
  test("is nothing where they announce nothing", async () => {
    const { link } = await start();
    expect(await link.manifests()).toEqual([]);
  });

  test("is what they say now, again and again [NF-11.4]", async () => {
    const { link, tellManifest, variable } = await start();
    for (const serial of [1, 2]) {
      await tellManifest(noticeOf(serial));
      const announced = [{ variable, notice: noticeOf(serial) }];
      await expect.poll(() => link.manifests()).toEqual(announced);
      await link.list();
      expect(await link.manifests()).toEqual(announced);
    }
  });

  test("is the same on the next link", async () => {
    const { link, open, tellManifest, variable } = await start();
    await tellManifest(noticeOf(3));
    await link.close();
    expect(await (await open()).manifests()).toEqual([{ variable, notice: noticeOf(3) }]);
  });

  test("has no gaps, or the link says that it may", async () => {
    const { link } = await start();
    expect(link.hearsAllManifests).toBe(hasNotes);
  });

  const ofNotes = hasNotes ? test : undefined; // one whose manifests come by jobs has no variables to tell apart
  ofNotes?.("is not what others say, nor what announces nothing", async () => {
    const { link, setVariable } = await start();
    await setVariable("noteferry_0123456", formatVariable(noticeOf(1)));
    await setVariable("interval", "60");
    await setVariable(variableName(FLEET, "eu-1"), formatVariable(noticeOf(1)));
    await setVariable(VARIABLE, '{"s": 1}');
    await link.list();
    expect(await link.manifests()).toEqual([]);
  });

  ofNotes?.("is that of its stage, whatever the case of its name [NF-11.5]", async () => {
    const { link, setVariable } = await start({ stage: "eu-1" });
    const name = variableName(FLEET, "eu-1");
    await setVariable(VARIABLE, formatVariable(noticeOf(1)));
    await setVariable(name.toUpperCase(), formatVariable(noticeOf(2)));
    await expect.poll(() => link.manifests()).toEqual([{ variable: name, notice: noticeOf(2) }]);
  });

  test("ends a wait, also if it comes right before it", async () => {
    const { link, tellManifest } = await start();
    for (let serial = 1; serial <= 3; serial += 1) {
      await link.list();
      await link.manifests();
      const waiting = serial === 3 ? undefined : link.wait(LONG_MS, NEVER);
      await tellManifest(noticeOf(serial));
      await (waiting ?? link.wait(LONG_MS, NEVER));
      await link.list();
      expect(await link.manifests()).toMatchObject([{ notice: { serial } }]);
    }
  });

  test("asks the file-server nothing, and cannot be had of a link that is closed", async () => {
    const { link, server } = await start();
    await link.manifests();
    expect(server.requests).toBe(0);
    await link.close();
    await expect(link.manifests()).rejects.toThrow(LinkDown);
  });
});

describeFetch("a manifest and what it names", (start) => {
  test("are fetched by their digest, and by a version's id, current or not [NF-11.6] [NF-3.10]", async () => {
    const { link, server } = await start();
    const [manifest, step, old] = [1, 2, 3].map((seed) => patternedBytes(3000, seed));
    const packed = { sha256: sha256(manifest ?? Buffer.alloc(0)), manifest: true } as const;
    const from = { ...packed, base: sha256(Buffer.from("base")) };
    server.files.set(`packed:${packedKey(packed)}`, manifest ?? Buffer.alloc(0));
    server.files.set(`packed:${packedKey(from)}`, step ?? Buffer.alloc(0));
    server.files.set("fleets/fleet:1/a b", patternedBytes(10, 4));
    server.files.set(versionedKey("fleets/fleet:1/a b", "id.of_a+version/1"), old ?? Buffer.alloc(0));
    expect(await link.fetch({ packed, size: 3000 }, 0)).toEqual(manifest);
    expect(await link.fetch({ packed: from, size: 3000 }, 0)).toEqual(step);
    const file = { key: "fleets/fleet:1/a b", version: "id.of_a+version/1", size: 3000 };
    expect(await link.fetch(file, 0)).toEqual(old);
    await expect(link.fetch({ ...file, version: "another" }, 0)).rejects.toMatchObject({
      reason: "file-not-found",
    });
  });
});
