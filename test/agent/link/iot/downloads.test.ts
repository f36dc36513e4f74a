import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { createFileSource } from "../../../../agent/link/iot/file-source.ts";
import { createHttpsConnection } from "../../../../agent/link/iot/https-connection.ts";
import { openPasses } from "../../../../agent/link/iot/passes.ts";
import { wire } from "../../../../agent/link/iot/wire.ts";
import { testTls } from "../../../local/blues/notehub/support/hub-under-test.ts";
import { versionedKey } from "../../support/fake-server.ts";
import { patternedBytes } from "../../support/patterned-bytes.ts";
import { type Meddling, signPass, startPassServer } from "./support/pass-server.ts";

const NEVER = new AbortController().signal;
const UID = "thing:pump";
const RANGE_BYTES = 10_000;
const BYTES = patternedBytes(25_000);
const FILE = { key: "things/pump/ünï c+d.bin", version: "id.of_a+version", size: BYTES.length };
const ignore = () => undefined;

async function sourceUnderTest({
  at,
  connectMs = 1_000,
  ca,
  replyMs,
}: {
  at?: string;
  connectMs?: number;
  ca?: string;
  replyMs?: number;
} = {}) {
  const tls = await testTls();
  const server = await startPassServer(tls);
  server.files.set(versionedKey(FILE.key, FILE.version), BYTES);
  const folder = await mkdtemp(path.join(tmpdir(), "noteferry-passes-"));
  const passes = await openPasses(path.join(folder, "passes.json"));
  await passes.keep(UID, { sig: signPass(UID), at: at ?? server.url });
  const connection = createHttpsConnection(wire, Buffer.from(ca ?? tls.ca), replyMs);
  onTestFinished(async () => {
    connection.close();
    await server.close();
    await rm(folder, { recursive: true });
  });
  const source = createFileSource(connection, passes, { rangeBytes: RANGE_BYTES, connectMs });
  const fetchAll = async () => {
    const pieces: Buffer[] = [];
    for (let at = 0; at < FILE.size; at += pieces.at(-1)?.length ?? 0)
      pieces.push(Buffer.from(await source.fetch(FILE, at, NEVER)));
    return Buffer.concat(pieces);
  };
  return { server, source, fetchAll, passes, folder };
}

describe("a file comes by ranges", () => {
  test("over one connection, by the pass of its target [NF-12.7]", async () => {
    const { server, source, fetchAll } = await sourceUnderTest();
    await source.connect(NEVER, ignore);
    await expect.poll(() => server.counts.connections).toBe(1);
    expect((await fetchAll()).equals(BYTES)).toBe(true);
    expect(server.counts).toMatchObject({ requests: 3, connections: 1, fileBytes: BYTES.length });
    const other = { ...FILE, key: "thing-groups/lamps/a" };
    await expect(source.fetch(other, 0, NEVER)).rejects.toMatchObject({ reason: "unauthorized" });
  });

  test.each<[string, Meddling, number]>([
    ["a server that ends each connection after one reply", "close-after", 3],
    ["a proxy that drops Content-Range", "no-content-range", 1],
    ["a proxy that drops ranges, by the query in their place [NF-5.4]", "ignore-range", 2],
  ])("past %s", async (_what, meddling, connections) => {
    const { server, fetchAll } = await sourceUnderTest();
    server.meddle(() => meddling);
    expect((await fetchAll()).equals(BYTES)).toBe(true);
    expect(server.counts.connections).toBeLessThanOrEqual(connections);
  });

  test("on a connection that a server ended while it was idle", async () => {
    const { server, source, fetchAll } = await sourceUnderTest();
    await source.fetch(FILE, 0, NEVER);
    server.cut();
    expect((await fetchAll()).equals(BYTES)).toBe(true);
    expect(server.counts.connections).toBe(2);
  });

  test("and what came before a connection broke is kept", async () => {
    const { server, source, fetchAll } = await sourceUnderTest();
    let cut = true;
    server.meddle(() => (cut ? { cutAfter: 4_000 } : undefined));
    const first = await source.fetch(FILE, 0, NEVER);
    expect(first.equals(BYTES.subarray(0, 4_000))).toBe(true);
    cut = false;
    expect((await source.fetch(FILE, first.length, NEVER)).equals(BYTES.subarray(4_000, 14_000))).toBe(true);
    expect((await fetchAll()).equals(BYTES)).toBe(true);
  });
});

test("a reply that never ends, though it is never silent, is given up, and what came of it is kept", async () => {
  const { server, source } = await sourceUnderTest({ replyMs: 200 });
  for (const [meddling, outcome] of [
    ["drip", { came: true }],
    ["drip-head", { reason: "timeout" }],
  ] as const) {
    server.meddle(() => meddling);
    const fetched = source.fetch(FILE, 0, NEVER).then((bytes) => ({
      came: bytes.length > 0 && bytes.equals(BYTES.subarray(0, bytes.length)),
    }));
    await expect(fetched.catch((error: unknown) => error)).resolves.toMatchObject(outcome);
  }
  server.meddle(() => undefined);
  expect((await source.fetch(FILE, 0, NEVER)).equals(BYTES.subarray(0, RANGE_BYTES))).toBe(true);
});

describe("a fetch says in plain words", () => {
  test.each<[string, Meddling, object]>([
    [
      "that a sign-in page came",
      { status: 200, headers: { "content-type": "text/html" }, body: "<html>" },
      { reason: "route", message: expect.stringContaining("sign-in page") },
    ],
    [
      "that it was sent elsewhere, which the file-server does not for such ranges [NF-12.5]",
      { status: 307, headers: { location: "https://bucket.s3.amazonaws.com/x?X-Amz-Signature=0" } },
      { reason: "route", message: expect.stringContaining("307") },
    ],
    [
      "when to ask again",
      { status: 503, headers: { "retry-after": "7" } },
      { reason: "busy", retryAfter: 7 },
    ],
    ["that nothing came", "hang-up", { reason: "offline", message: expect.stringContaining("cut") }],
  ])("%s", async (_what, meddling, failure) => {
    const { server, source } = await sourceUnderTest();
    server.meddle(() => meddling);
    await expect(source.fetch(FILE, 0, NEVER)).rejects.toMatchObject({ name: "FetchFailed", ...failure });
    server.meddle(() => undefined);
    expect((await source.fetch(FILE, 0, NEVER)).equals(BYTES.subarray(0, RANGE_BYTES))).toBe(true);
  });

  test("that a name is not known, and tries again for a while", async () => {
    const { source } = await sourceUnderTest({ at: "https://nobody.invalid", connectMs: 1_200 });
    const told: string[] = [];
    await expect(source.connect(NEVER, (detail) => told.push(detail))).rejects.toMatchObject({
      reason: "offline",
      message: expect.stringMatching(/name/),
    });
    expect(told).toHaveLength(1);
  });

  test("that nothing listens, that it does not speak HTTPS, and that its certificate is nobody's", async () => {
    const closed = await sourceUnderTest({ at: "https://localhost:1", connectMs: 0 });
    await expect(closed.source.fetch(FILE, 0, NEVER)).rejects.toMatchObject({
      reason: "offline",
      message: expect.stringContaining("nothing listens"),
    });
    const plain = await sourceUnderTest({ at: "http://localhost:1" });
    await expect(plain.source.fetch(FILE, 0, NEVER)).rejects.toMatchObject({ reason: "route" });
    const stranger = await sourceUnderTest({ ca: await otherCa() });
    await expect(stranger.source.fetch(FILE, 0, NEVER)).rejects.toMatchObject({
      reason: "route",
      message: expect.stringContaining("no CA that is trusted"),
    });
  });

  test("that it knows no pass, where no job has told of one", async () => {
    const { folder } = await sourceUnderTest();
    const none = createFileSource(
      createHttpsConnection(wire, undefined),
      await openPasses(path.join(folder, "x")),
      {
        ...{ rangeBytes: 1, connectMs: 0 },
      },
    );
    await none.connect(NEVER, ignore);
    await expect(none.fetch(FILE, 0, NEVER)).rejects.toMatchObject({ reason: "unauthorized" });
  });

  test("nothing of a pass", async () => {
    const { server, source } = await sourceUnderTest();
    for (const meddling of ["hang-up", { status: 401 }, { status: 500, body: "x" }] as const) {
      server.meddle(() => meddling);
      const failure: unknown = await source.fetch(FILE, 0, NEVER).catch((error: unknown) => error);
      expect(JSON.stringify([failure, Object(failure).message, Object(failure).cause])).not.toContain(
        signPass(UID),
      );
    }
  });
});

async function otherCa(): Promise<string> {
  const { loadClientCa } = await import("../../../../local/host/tls/client-ca.ts");
  const folder = await mkdtemp(path.join(tmpdir(), "noteferry-ca-"));
  const { certificate } = await loadClientCa(folder);
  await rm(folder, { recursive: true });
  return certificate;
}
