import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createFileSource } from "../../../../agent/link/iot/file-source.ts";
import { createHttpsConnection } from "../../../../agent/link/iot/https-connection.ts";
import { openPasses } from "../../../../agent/link/iot/passes.ts";
import { wire } from "../../../../agent/link/iot/wire.ts";
import { testTls } from "../../../local/blues/notehub/support/hub-under-test.ts";
import { signPass, startPassServer } from "./support/pass-server.ts";

const NEVER = new AbortController().signal;
const WRONG = "W".repeat(22);
const SHA256 = "A".repeat(43);
const PACKED = { packed: { sha256: SHA256, manifest: true as const }, size: 8 };
const PUMP = "thing:pump";
const LAMPS = "thing-group:lamps";

async function passesUnderTest() {
  const tls = await testTls();
  const server = await startPassServer(tls);
  server.files.set(`packed:manifest/${SHA256}`, Buffer.from("manifest"));
  const folder = await mkdtemp(path.join(tmpdir(), "noteferry-passes-"));
  const file = path.join(folder, "passes.json");
  const passes = await openPasses(file);
  const connection = createHttpsConnection(wire, Buffer.from(tls.ca));
  onTestFinished(async () => {
    connection.close();
    await server.close();
    await rm(folder, { recursive: true });
  });
  const source = createFileSource(connection, passes, { rangeBytes: 1_000, connectMs: 0 });
  return {
    ...{ server, passes, file },
    keep: (uid: string, sig = signPass(uid)) => passes.keep(uid, { sig, at: server.url }),
    /** Whose passes were shown, or that none did. */
    async fetched() {
      server.counts.targets.length = 0;
      const text = await source.fetch(PACKED, 0, NEVER).then(String, (error) => error.reason);
      return [
        ...server.counts.targets.map((target) => new URLSearchParams(target.split("?")[1]).get("for")),
        text,
      ];
    },
  };
}

test("passes outlive the agent, and the last one opens what is packed", async () => {
  const { passes, file, keep } = await passesUnderTest();
  await keep(PUMP);
  await passes.keep(LAMPS, { sig: "B".repeat(22), at: "https://other.example" });
  const again = await openPasses(file);
  expect(again.for({ key: "things/pump/x", version: "v", size: 1 })?.for).toBe(PUMP);
  expect(again.for({ key: "thing-groups/lamps/x", version: "v", size: 1 })?.at).toBe("https://other.example");
  expect(again.for(PACKED)?.for).toBe(LAMPS);
});

test("where the last pass is refused, what is packed comes by another one, and the refused one is shown once [NF-12.7]", async () => {
  const { keep, fetched } = await passesUnderTest();
  await keep("thing-group:pumps");
  await keep(PUMP);
  await keep(LAMPS, WRONG);
  expect(await fetched()).toEqual([LAMPS, PUMP, "manifest"]);
  expect(await fetched()).toEqual([PUMP, "manifest"]);
  await keep(LAMPS, WRONG); // told of once more, which changes nothing
  expect(await fetched()).toEqual([PUMP, "manifest"]);
  await keep(LAMPS);
  expect(await fetched()).toEqual([LAMPS, "manifest"]);
});

test("where all passes are refused each is shown once, and then the last one alone", async () => {
  const { server, keep, fetched } = await passesUnderTest();
  for (const uid of [PUMP, "thing-group:pumps", LAMPS]) await keep(uid);
  server.meddle(() => ({ status: 401, body: '{"err":"who are you? {unauthorized}"}' }));
  expect(await fetched()).toEqual([LAMPS, "thing-group:pumps", PUMP, "unauthorized"]);
  expect(await fetched()).toEqual([LAMPS, "unauthorized"]);
  server.meddle(() => undefined);
  expect(await fetched()).toEqual([LAMPS, "manifest"]);
});
