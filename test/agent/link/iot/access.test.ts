import { readFile, writeFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { createIotLinks } from "../../../../agent/link/iot/open.ts";
import { DEVICE_POLICY } from "../../../local/aws/iot/support/device-policy.ts";
import { filesOf } from "../../support/fleet-device.ts";
import { THING, type ThingDevice, thingDevice } from "./support/thing-device.ts";
import { THING_POLICY } from "./support/thing-policy.ts";

const NEVER = new AbortController().signal;
const DAY_MS = 86_400_000;

/** Why a link cannot be opened. */
async function refusal(device: ThingDevice, more: object = {}): Promise<string> {
  const { file, iot } = device;
  const links = createIotLinks(
    {
      ...{ thing: THING, endpoint: { host: "localhost", port: iot.port }, rangeBytes: 1000, connectMs: 0 },
      ...{ ca: file("ca.pem"), certificate: file("cert.pem"), key: file("key.pem"), ...more },
    },
    file("passes.json"),
    () => ({}),
    () => undefined,
  );
  const opened = links.open(NEVER).then(
    async (link) => {
      await link.close();
      return "it was opened";
    },
    (error) => `${error.name}: ${error.message}`,
  );
  return opened;
}

async function withCertificate(
  device: ThingDevice,
  { cert, key }: { cert: string; key: string },
): Promise<void> {
  await writeFile(device.file("cert.pem"), cert);
  await writeFile(device.file("key.pem"), key);
}

describe("a thing is let in only as itself:", () => {
  test("with its own certificate it is", async () => {
    expect(await refusal(await thingDevice())).toBe("it was opened");
  });

  test("with another thing's it is not, and is told so", async () => {
    const device = await thingDevice();
    await withCertificate(device, await device.devices.issue("valve"));
    expect(await refusal(device)).toMatch(
      /^LinkDown: localhost refuses the connection: it does not allow it/,
    );
  });

  test("with an expired one it is not", async () => {
    const device = await thingDevice();
    const [notBefore, notAfter] = [new Date(Date.now() - 2 * DAY_MS), new Date(Date.now() - DAY_MS)];
    await withCertificate(device, await device.devices.issue(THING, { notBefore, notAfter }));
    expect(await refusal(device)).toMatch(
      /^LinkDown: (?:localhost refuses|there is no connection to localhost)/,
    );
  });

  test("without one it is not", async () => {
    const device = await thingDevice();
    expect(await refusal(device, { certificate: device.file("none.pem") })).toMatch(
      /^LinkDown: .*none\.pem.*not there/,
    );
  });

  test("with a key that others may read, or of another certificate, it does not even try", async () => {
    const device = await thingDevice();
    const other = await device.devices.issue("valve");
    await writeFile(device.file("other.pem"), other.key, { mode: 0o600 });
    await writeFile(device.file("open.pem"), await readFile(device.file("key.pem")), { mode: 0o644 });
    expect(await refusal(device, { key: device.file("open.pem") })).toMatch(/others may read .*chmod 600/);
    expect(await refusal(device, { key: device.file("other.pem") })).toMatch(/is not the key of/);
    expect(await refusal(device, { key: device.file("cert.pem") })).not.toContain("opened");
    expect(device.observations).toEqual([]);
  });

  test("a broker with a certificate of another CA, or of another name, gets nothing", async () => {
    const device = await thingDevice();
    await writeFile(device.file("ca.pem"), device.devices.certificate);
    expect(await refusal(device)).toMatch(/of no CA that is trusted here/);
    await writeFile(device.file("ca.pem"), device.tls.ca);
    expect(await refusal(device, { sni: "elsewhere.example" })).toMatch(/a certificate of another name/);
    expect(device.observations).toEqual([]);
  });

  test("by ALPN too, and not where the broker speaks something else", async () => {
    const device = await thingDevice();
    expect(await refusal(device, { alpn: "x-amzn-mqtt-ca", sni: "localhost" })).toBe("it was opened");
    expect(await refusal(device, { alpn: "h2" })).toMatch(/^LinkDown: localhost refuses the handshake/);
  });
});

describe("where a statement of the policy is missing", () => {
  test.each([
    ["iot:Connect", /does the policy allow iot:Connect/],
    ["iot:Subscribe", /does not allow iot:Subscribe to \$aws\/things\/pump\/jobs\/notify-next/],
    ["iot:Publish", /^LinkDown: /],
  ])("%s, the agent says so", async (action, sentence) => {
    const policy = THING_POLICY.filter(({ Action }) => ![Action].flat().includes(action));
    expect(await refusal(await thingDevice({ policy }))).toMatch(sentence);
  });

  test("that for receipts, files come all the same, and the agent says what is missing", async () => {
    const device = await thingDevice({ policy: DEVICE_POLICY });
    await device.target().announce(filesOf(1));
    const agent = device.start();
    await agent.next("brought");
    expect(await device.content("app/file-0.py")).toEqual(filesOf(1)["app/file-0.py"]);
    const waited = agent.events.flatMap((event) => (event.event === "waiting" ? [event.reason] : []));
    expect(waited.join()).toContain("does the policy allow iot:Publish to noteferry/things/pump/receipts?");
  });
});
