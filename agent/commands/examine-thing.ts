import { stat } from "node:fs/promises";
import {
  type Identity,
  parseCertificate,
  parseKey,
  readPem,
  readPrivatePem,
} from "../link/iot/identity-files.ts";
import { createJobRequests } from "../link/iot/job-requests.ts";
import type { MqttSession } from "../link/iot/mqtt-session.ts";
import { connectToBroker } from "../link/iot/open.ts";
import type { ThingSettings } from "../link/iot/thing-settings.ts";
import { type Finding, look } from "./finding.ts";

/** Days before its end at which a certificate is worth a warning. */
const SOON_DAYS = 30;
const DAY_MS = 86_400_000;

/**
 * Looks at what a thing needs to hear of jobs: its files, and each step of the way to AWS IoT. Where one fails, those after it are left out.
 *
 * @throws the signal's reason
 */
export async function examineThing(settings: ThingSettings, signal: AbortSignal): Promise<Finding[]> {
  const { ca, certificate, key } = settings;
  const identity: Partial<Identity> = {};
  const findings = [
    ...(ca === undefined
      ? []
      : [
          await look("CA", "get the CA's certificate in PEM, of AWS IoT: AmazonRootCA1.pem", async () => {
            identity.ca = await readPem(ca);
            return parseCertificate(identity.ca, ca).subject.replaceAll("\n", ", ");
          }),
        ]),
    await look("cert", "make another, attach it to the thing, and put its file there", async () => {
      identity.cert = await readPem(certificate);
      return datesOf(identity.cert, certificate);
    }),
    await look("key", "put the key there that belongs to the certificate, and chmod 600 it", async () => {
      identity.key = await readPrivatePem(key);
      const parsed = parseKey(identity.key, key);
      if (
        identity.cert !== undefined &&
        !parseCertificate(identity.cert, certificate).checkPrivateKey(parsed)
      )
        throw new Error(`${key} is not the key of ${certificate}`);
      return `fits, and only its owner reads it (${((await stat(key)).mode & 0o777).toString(8)})`;
    }),
  ];
  const { cert, key: pem } = identity;
  if (cert === undefined || pem === undefined || findings.some(({ ok }) => !ok)) return findings;
  return [...findings, ...(await examineBroker(settings, { ca: identity.ca, cert, key: pem }, signal))];
}

async function examineBroker(
  settings: ThingSettings,
  identity: Identity,
  signal: AbortSignal,
): Promise<Finding[]> {
  const { thing, endpoint } = settings;
  let session: MqttSession | undefined;
  const requests = createJobRequests(() => session ?? nobody(), thing);
  const { wire } = await import("../link/iot/wire.ts");
  const broker = await look(
    "AWS IoT",
    "check endpoint, sni and alpn, the network, the clock, and that the certificate is active and attached to the thing",
    async () => {
      session = await connectToBroker({ settings, wire }, identity, signal, requests.hear);
      return `${endpoint.host}:${endpoint.port} takes ${thing}`;
    },
  );
  if (session === undefined) return [broker];
  try {
    const jobs = await look(
      "jobs",
      "attach the deployment's policy to the certificate, as docs/AWS-IOT.md says",
      async () => {
        await requests.subscribe();
        const next = await requests.next();
        return next?.job === undefined ? "none waits" : `${next.job.id} waits`;
      },
    );
    return [broker, jobs];
  } finally {
    session.close();
  }
}

function datesOf(pem: Buffer, file: string): string {
  const { validFrom, validTo, subject } = parseCertificate(pem, file);
  const clock = `this device's clock says ${new Date().toISOString()}`;
  if (Date.parse(validFrom) > Date.now()) throw new Error(`not yet valid before ${validFrom}; ${clock}`);
  if (Date.parse(validTo) < Date.now()) throw new Error(`it has expired, on ${validTo}; ${clock}`);
  const days = Math.floor((Date.parse(validTo) - Date.now()) / DAY_MS);
  return `${subject.replaceAll("\n", ", ")}, for ${days} days${days < SOON_DAYS ? ": exchange it soon" : ""}`;
}

function nobody(): never {
  throw new TypeError("there is no session yet");
}
