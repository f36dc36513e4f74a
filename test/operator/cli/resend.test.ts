import { PutObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openFilesBucket } from "../../../operator/cloud/files/files-bucket.ts";
import { readLocalDeployment } from "../../../operator/cloud/local-deployment.ts";
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

test("a device or a fleet that the project does not have is told as such", async () => {
  const resent = await services.cli(["resend", "dev:42"]);
  expect(resent).toMatchObject({ code: 5, out: "" });
  expect(resent.err).toMatch(
    /^there is no device dev:42 in the Notehub project app:[^ ]*: noteferry status --json lists/,
  );
  const shown = await services.cli(["status", "fleet:x"]);
  expect(shown).toMatchObject({ code: 5, out: "" });
  expect(shown.err).toMatch(/^there is no fleet fleet:x in the Notehub project app:/);
});
