import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { Agent, createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CreateJobCommand, IoTClient } from "@aws-sdk/client-iot";
import { type Iot, startIot } from "../../local/aws/iot/iot.ts";
import { startLoopbackServer } from "../../local/host/loopback/loopback-server.ts";
import { loadClientCa, loadClientFiles } from "../../local/host/tls/client-ca.ts";
import { type LocalTls, loadLocalTls } from "../../local/host/tls/local-ca.ts";
import { formatJobDocument } from "../../protocol/job-document.ts";
import { formatManifest, manifestDigest, ownKey } from "../../protocol/manifest.ts";
import { WHOLE } from "./contents.ts";
import { type Peaks, SETTLE_MS } from "./measure.ts";
import { startMeasured } from "./measured-process.ts";

const THING = "thing";
const UID = `thing:${THING}`;
const ACCOUNT = { region: "us-east-1", accountId: "000000000000" };
const KEY = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret/example" };
const FILE = "app.bin";

/** The agent of an AWS IoT thing: its peaks when it is connected, and after each of some files. */
export async function measureThing(node: string, bundle: string): Promise<Peaks> {
  await using ends = new AsyncDisposableStack();
  const folder = await mkdtemp(path.join(tmpdir(), "noteferry-thing-"));
  ends.defer(() => rm(folder, { recursive: true, force: true }));
  const tls = await loadLocalTls(path.join(folder, "tls"));
  const devices = await loadClientCa(path.join(folder, "ca"));
  const files = await loadClientFiles(devices, path.join(folder, "thing"), THING);
  const iot = await startIot({
    ...{ file: ":memory:", account: ACCOUNT, tls, clientCa: devices.certificate, port: 0, things: [THING] },
    policy: ["Connect", "Publish", "Receive", "Subscribe"].map((action) => ({
      ...{ Effect: "Allow", Action: `iot:${action}`, Resource: "*" },
    })),
  });
  ends.defer(() => iot.close());
  const server = await startRangeServer(tls);
  ends.defer(() => server.close());
  const jobs = await openJobs(iot, tls);
  ends.defer(() => jobs.close());
  const root = path.join(folder, "root");
  await writeFile(path.join(folder, "ca.pem"), tls.ca);
  const agent = startMeasured(node, [
    ...[bundle, "run", "--link", "iot", "--endpoint", `localhost:${iot.port}`, "--thing", THING],
    ...["--ca", path.join(folder, "ca.pem"), "--certificate", files.certFile, "--key", files.keyFile],
    ...["--root", root, "--state", path.join(folder, "state")],
  ]);
  ends.defer(() => agent.stop());
  await agent.said("ready");
  await sleep(SETTLE_MS);
  const peaks: Peaks = { idle: await agent.peak(), delivered: [] };
  for (const [at, { label, content }] of WHOLE.entries()) {
    const brought = agent.said(`manifest ${at + 1} of ${UID}: `);
    const notice = server.publish(content(), at + 1);
    await jobs.create(
      `job-${at}`,
      formatJobDocument({ for: UID, sig: "A".repeat(22), at: server.url, notice }),
    );
    await brought;
    await sleep(SETTLE_MS);
    peaks.delivered.push({ label, peak: await agent.peak() });
  }
  return peaks;
}

/** Serves one file and its manifest by ranges, to whoever asks. */
async function startRangeServer(tls: LocalTls) {
  const contents = new Map<string, Buffer>();
  const server = createServer(tls, ({ url = "", headers }, response) => {
    const bytes = contents.get(url.split("?")[0] ?? "") ?? Buffer.alloc(0);
    const [, from = "0", to = "0"] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? "") ?? [];
    const part = bytes.subarray(Number(from), Number(to) + 1);
    const range = `bytes ${from}-${Number(from) + part.length - 1}/${bytes.length}`;
    response.writeHead(206, { "Content-Range": range, "Content-Length": part.length }).end(part);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `https://localhost:${(server.address() as AddressInfo).port}`,
    publish(content: Buffer, serial: number) {
      const sha256 = createHash("sha256").update(content).digest("base64url");
      const file = {
        path: FILE,
        key: ownKey(UID, FILE),
        size: content.length,
        sha256,
        version: `v${serial}`,
      };
      const text = Buffer.from(formatManifest({ fleet: UID, serial, prune: false, files: [file] }));
      const digest = manifestDigest(text);
      contents.clear();
      contents.set(`/files/${ownKey(UID, FILE)}`, content);
      contents.set(`/packed/manifest/${digest}`, text);
      return { serial, sha256: digest, size: text.length };
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function openJobs(iot: Iot, tls: LocalTls) {
  const server = await startLoopbackServer({ tls });
  const httpsAgent = new Agent({ ca: tls.ca });
  const found = { ...KEY, principal: `arn:aws:iam::${ACCOUNT.accountId}:role/bench` };
  const access = { findCredential: () => found, authorize: () => true };
  server.serve(iot.api({ ...access, endpoint: `localhost:${server.port}` }));
  const client = new IoTClient({
    ...{ endpoint: server.url, region: ACCOUNT.region, credentials: KEY, requestHandler: { httpsAgent } },
  });
  const targets = [`arn:aws:iot:${ACCOUNT.region}:${ACCOUNT.accountId}:thing/${THING}`];
  return {
    create: (jobId: string, document: string) =>
      client.send(new CreateJobCommand({ jobId, targets, document })),
    async close() {
      client.destroy();
      httpsAgent.destroy();
      await server.close();
    },
  };
}
