import { PutObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openFilesBucket } from "../../../operator/cloud/files/files-bucket.ts";
import { packedBytes } from "../../../operator/cloud/files/packed-bytes.ts";
import { readLocalDeployment } from "../../../operator/cloud/local-deployment.ts";
import { askAgain } from "../../../operator/cloud/notehub/announce-again.ts";
import { packedKey } from "../../../protocol/packed.ts";
import { DEVICE, type Services, startServices } from "../support/services.ts";

/** It could be announced once, and has no room for the count of a request. */
const TOO_LONG = `b${"o".repeat(120)}`;

let services: Services;
beforeAll(async () => {
  services = await startServices({ table: true });
  using bucket = openFilesBucket(await readLocalDeployment(services.folder));
  for (const Key of ["a.txt", TOO_LONG, "c.txt"])
    await bucket.client.send(new PutObjectCommand({ Bucket: "files", Key, Body: Key }));
}, 60_000);
afterAll(() => services.stop());

const announced = () =>
  services.notehub.calls().calls.find(({ method, path }) => method === "POST" && path.includes("notes"))
    ?.count;

test("a file that cannot be announced does not keep the others, and is named", async () => {
  const run = await services.json(["resend", DEVICE]);
  expect(run).toMatchObject({
    code: 1,
    json: { device: DEVICE, keys: ["a.txt", "c.txt"], failed: [TOO_LONG] },
  });
  expect(run.err).toContain(`${TOO_LONG}: ${TOO_LONG} is too long a key`);
  expect(run.err).toContain("1 of its files could not be announced: run it again");
  expect(announced()).toBe(2);
});

test("how long a content is compressed is known where it is packed, and no fault where not", async () => {
  const deployment = await readLocalDeployment(services.folder);
  const packed = { ...deployment, outputs: { ...deployment.outputs, PackedBucketName: "files" } };
  using bucket = openFilesBucket(deployment);
  const [sha256, other] = ["Z".repeat(43), "O".repeat(43)];
  const Key = packedKey({ sha256 });
  await bucket.client.send(new PutObjectCommand({ Bucket: "files", Key, Body: Buffer.alloc(77) }));
  const { signal } = new AbortController();
  expect(await packedBytes(bucket, packed, sha256, signal)).toBe(77);
  expect(await packedBytes(bucket, packed, other, signal)).toBeUndefined();
  expect(await packedBytes(bucket, deployment, sha256, signal)).toBeUndefined(); // deployed before there were any
  const nowhere = { ...deployment, outputs: { PackedBucketName: "none" } };
  expect(await packedBytes(bucket, nowhere, sha256, signal)).toBeUndefined();
});

test("who is asked once more is told what is compressed, beside a place in the order, while there is room [NF-10.2]", () => {
  const known = {
    name: "a.txt",
    size: 5000,
    sha256: "Z".repeat(43),
    etag: "0".repeat(32),
    seq: "AFVsQi0hpA",
    z: 1200,
  };
  const again = 1_800_000_000;
  const { z, ...without } = { ...known, again };
  expect(askAgain(known, again)).toEqual({ ...without, z });
  expect(askAgain({ ...known, seq: undefined }, again).z).toBeUndefined();
  const long = "n".repeat(86);
  expect(askAgain({ ...known, name: long }, again)).toEqual({ ...without, name: long });
});

test("whom the project does not have, or the deployment does not reach, is told as such", async () => {
  const resent = await services.cli(["resend", "dev:42"]);
  expect(resent).toMatchObject({ code: 5, out: "" });
  expect(resent.err).toMatch(
    /^there is no device dev:42 in the Notehub project app:[^ ]*: noteferry status --json lists/,
  );
  const things = await services.cli(["resend", "thing-group:pumps"]);
  expect(things).toMatchObject({ code: 2, out: "", err: expect.stringContaining("setting iot=on") });
  const fleet = await services.cli(["resend", "fleet:x"]);
  expect(fleet).toMatchObject({ code: 2, out: "", err: expect.stringContaining("is no device") });
  const shown = await services.cli(["status", "fleet:x"]);
  expect(shown).toMatchObject({ code: 5, out: "" });
  expect(shown.err).toMatch(/^there is no fleet fleet:x in the Notehub project app:/);
});
