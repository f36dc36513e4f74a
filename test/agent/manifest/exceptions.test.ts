import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { ownKey } from "../../../protocol/manifest.ts";
import { createOneDevice, FLEET } from "../../flow/support/model/fleet/one-device.ts";

test("a content that was gone as one version, and comes back as another, is fetched [NF-11.12]", async () => {
  const { device, versions, announce, work, receipt } = await createOneDevice();
  announce({ a: ["v1", "A"] });
  await work();
  expect(receipt()).toMatchObject({ not: [["a", "discarded", "file-not-found", expect.any(String)]] });
  versions.set("v2", Buffer.from("A"));
  announce({ a: ["v2", "A"] });
  await work();
  expect(String(await device.content("a"))).toBe("A");
  expect(receipt()).not.toHaveProperty("not");
});

test("a version that is gone is held back from whoever is outside the share of the next [NF-11.9]", async () => {
  const { announce, work, receipt } = await createOneDevice();
  announce({ a: ["v1", "A"] });
  await work();
  const previous = { size: 1, sha256: "VZrq0IJk1XldOQlxjN0Fq9SVcuhP5VWQ7vMaiKCP3_0", version: "v1" };
  announce({ a: ["v2", "BB", { share: [0, "s"], previous }] });
  await work();
  expect(receipt()).toMatchObject({ not: [["a", "held-back", "file-not-found"]] });
});

test("a full disk ends no agent that is about to put a unit in place [NF-9.10]", async () => {
  const { device, versions, disk, announce, work } = await createOneDevice();
  versions.set("v1", Buffer.from("x")).set("v2", Buffer.from("y"));
  disk.full = true;
  announce({ "app/x": ["v1", "x"], "app/y": ["v2", "y"] });
  for (let times = 0; times < 5; times += 1) await work();
  disk.full = false;
  await work();
  expect([await device.content("app/x"), await device.content("app/y")].map(String)).toEqual(["x", "y"]);
});

test("the rest of a unit that failed is tried again once the file to blame has left the manifest [NF-9.12]", async () => {
  const { device, versions, announce, work, receipt } = await createOneDevice();
  versions.set("v1", Buffer.from("x")).set("v2", Buffer.from("bad"));
  announce({ "app/x": ["v1", "x"], "app/y": ["v2", "bad"] });
  await work();
  expect(receipt()).toMatchObject({
    not: [
      ["app/x", "failed", "run", expect.any(String), "exit 1"],
      ["app/y", "failed", "run", expect.any(String), "exit 1"],
    ],
  });
  announce({ "app/x": ["v1", "x"] });
  await work();
  expect(String(await device.content("app/x"))).toBe("x");
  expect(receipt()).not.toHaveProperty("not");
});

test("the rest of a unit that failed is tried again where another version of one runs, though it was announced anew meanwhile [NF-9.12]", async () => {
  const { device, versions, queue, current, announce, work, receipt } = await createOneDevice();
  versions.set("v1", Buffer.from("bad")).set("v2", Buffer.from("y")).set("v3", Buffer.from("y"));
  announce({ "app/x": ["v1", "bad", { seq: "BQ" }], "app/y": ["v2", "y", { seq: "BQ" }] });
  await work();
  announce({ "app/x": ["v1", "bad", { seq: "BQ" }], "app/y": ["v3", "y", { seq: "Bg" }] });
  await work();
  expect(receipt()).toMatchObject({
    not: [
      { 0: "app/x", 1: "failed" },
      { 0: "app/y", 1: "failed" },
    ],
  });
  const key = ownKey(FLEET, "app/x");
  const sha256 = createHash("sha256").update("x").digest("base64url");
  queue.push({ id: "1", announcement: { name: key, size: 1, sha256, etag: "e", seq: "Bw" } });
  current.set(key, { versionId: "v4", bytes: Buffer.from("x"), etag: "e" });
  await work();
  expect([await device.content("app/x"), await device.content("app/y")].map(String)).toEqual(["x", "y"]);
  expect(receipt()).toMatchObject({ not: [["app/x", "unchanged", "newer"]] });
});

test("of a fleet that the device has left nothing more is brought, and others' files are tried without it [NF-11.10] [NF-9.12]", async () => {
  const { device, versions, announce, leave, work, receipt } = await createOneDevice();
  versions.set("v1", Buffer.from("bad")).set("v2", Buffer.from("y")).set("v3", Buffer.from("b"));
  announce({ "app/x": ["v1", "bad"], "app/y": ["v2", "y"] });
  announce({ "app/y": ["v2", "y"] }, "fleet:2");
  await work();
  expect(await device.content("app/y")).toBeUndefined();
  announce({ "app/x": ["v1", "bad"], "app/y": ["v2", "y"], b: ["v3", "b"] });
  leave(FLEET);
  await work();
  expect(String(await device.content("app/y"))).toBe("y");
  expect(receipt()).toMatchObject({ fleet: "fleet:2", installed: 1 });
  expect(await device.content("b")).toBeUndefined();
});

test("what came back after it had left is brought, though its event came late [NF-11.10]", async () => {
  const { device, versions, announce, work } = await createOneDevice();
  versions.set("v1", Buffer.from("A")).set("v2", Buffer.from("B"));
  announce({ a: ["v1", "A", { seq: "Bw" }] });
  await work();
  announce({});
  await work();
  announce({ a: ["v2", "B", { seq: "BQ" }] });
  await work();
  expect(String(await device.content("a"))).toBe("B");
});

test("a file of the device's own that was gone and is back without an order is its own again [NF-2.4] [NF-11.10]", async () => {
  const { device, versions, queue, current, announce, work } = await createOneDevice();
  const key = "devices/dev:1/a";
  versions.set("v1", Buffer.from("A")).set("v2", Buffer.from("B"));
  queue.push({ id: "1", gone: { name: key, seq: "Bw", gone: true } });
  announce({ a: ["v1", "A"] });
  await work();
  const own = { name: key, size: 1, sha256: "VZrq0IJk1XldOQlxjN0Fq9SVcuhP5VWQ7vMaiKCP3_0", etag: "e" };
  queue.push({ id: "2", announcement: own });
  current.set(key, { versionId: "o1", bytes: Buffer.from("A"), etag: "e" });
  await work();
  announce({ a: ["v2", "B"] });
  await work();
  expect(String(await device.content("a"))).toBe("A");
});
