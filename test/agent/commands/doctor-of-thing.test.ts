import { chmod, writeFile } from "node:fs/promises";
import { expect, test } from "vitest";
import type { Finding } from "../../../agent/commands/finding.ts";
import { DEVICE_POLICY } from "../../local/aws/iot/support/device-policy.ts";
import { THING, type ThingDevice, thingDevice } from "../link/iot/support/thing-device.ts";
import { runCommand } from "../support/run-command.ts";

const DAY_MS = 86_400_000;

async function examine({ flags, root, state }: ThingDevice, more: string[] = []) {
  const args = ["--json", ...flags(), "--root", root, "--state", state, ...more];
  const { stdout } = await runCommand("doctor", ...args);
  const findings: Finding[] = JSON.parse(stdout);
  expect(stdout).not.toContain("PRIVATE KEY");
  return Object.fromEntries(findings.map(({ what, ok, detail }) => [what, `${ok} ${detail}`]));
}

test("doctor of a thing that is well says what takes it, and that no job waits", async () => {
  const device = await thingDevice();
  const found = await examine(device);
  expect(found.cert).toMatch(/^true CN=pump, for \d+ days/);
  expect(found.key).toMatch(/^true fits, and only its owner reads it/);
  expect(found["AWS IoT"]).toMatch(/^true localhost:\d+ takes pump$/);
  expect(found.jobs).toBe("true none waits");
});

test("doctor says which file is at fault, and goes no further", async () => {
  const device = await thingDevice();
  await chmod(device.file("key.pem"), 0o644);
  expect((await examine(device)).key).toMatch(/^false others may read /);
  await chmod(device.file("key.pem"), 0o600);
  const [notBefore, notAfter] = [new Date(Date.now() + DAY_MS), new Date(Date.now() + 2 * DAY_MS)];
  const { cert, key } = await device.devices.issue(THING, { notBefore, notAfter });
  await writeFile(device.file("cert.pem"), cert);
  const early = await examine(device);
  expect(early.cert).toMatch(/^false not yet valid before .*; this device's clock says /);
  expect(early.key).toMatch(/^false .* is not the key of /);
  expect(early["AWS IoT"]).toBeUndefined();
  await writeFile(device.file("cert.pem"), "no certificate");
  await writeFile(device.file("key.pem"), key);
  expect((await examine(device)).cert).toMatch(/^false .* is no certificate in PEM/);
  expect((await examine(device, ["--ca", device.file("none.pem")])).CA).toMatch(/^false .*not there/);
});

test("doctor says that the name is another, that nobody is there, and what the policy refuses", async () => {
  const policy = DEVICE_POLICY.filter(({ Action }) => Action !== "iot:Subscribe");
  const device = await thingDevice({ policy });
  expect((await examine(device)).jobs).toMatch(/^false the policy does not allow iot:Subscribe/);
  expect((await examine(device, ["--thing", "valve"]))["AWS IoT"]).toMatch(
    /^false localhost refuses the connection/,
  );
  expect((await examine(device, ["--sni", "x.example"]))["AWS IoT"]).toMatch(/^false .*another name/);
  expect((await examine(device, ["--endpoint", "localhost:1"]))["AWS IoT"]).toMatch(
    /^false .*nothing listens there/,
  );
});
