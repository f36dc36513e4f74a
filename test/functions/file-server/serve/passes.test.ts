import { expect, test } from "vitest";
import { RANGE_MAX_BYTES } from "../../../../protocol/limits.ts";
import { packedKey } from "../../../../protocol/packed.ts";
import { formatPass, formatSignedLink, signLink } from "../../../../protocol/signed-link.ts";
import { LINK_SECRET } from "../support/aws-stand-in.ts";
import { bytesOf } from "../support/file-server-under-test.ts";
import { startServerOnLocalS3 } from "../support/server-on-local-s3.ts";

const { put, call, open, seen } = await startServerOnLocalS3();

const THING = "thing:pump";
const MANIFEST = { sha256: "M".repeat(43), manifest: true } as const;
const passOf = (uid: string, secret = LINK_SECRET) =>
  formatPass({ for: uid, sig: signLink({ for: uid }, secret) });
/** Without a header. */
const ask = (path: string, query: string, headers: Record<string, string> = {}) =>
  open({ key: "unused", etag: "0" }, { path, query, headers });
const UNAUTHORIZED = await ask("/files/x", "");

test("a pass opens the versions of its target's files, also old ones, and what is packed [NF-12.7]", async () => {
  const old = await put("things/pump/a b", "the old one");
  await put("things/pump/a b", "the new one");
  await put(packedKey(MANIFEST), "a manifest", "packed");
  const query = `version=${old.version}&${passOf(THING)}`;
  const whole = await ask("/files/things/pump/a%20b", query);
  expect([whole.statusCode, bytesOf(whole).toString()]).toEqual([200, "the old one"]);
  const part = await ask("/files/things/pump/a%20b", query, { range: "bytes=4-6" });
  expect([part.statusCode, bytesOf(part).toString()]).toEqual([206, "old"]);
  const packed = await ask(`/packed/manifest/${MANIFEST.sha256}`, passOf(THING));
  expect([packed.statusCode, bytesOf(packed).toString()]).toEqual([200, "a manifest"]);
  expect((await ask(`/packed/${"N".repeat(43)}`, passOf(THING))).statusCode).toBe(404);
});

test("whatever is wrong with a pass is the 401 of anybody, in the same bytes, and S3 is not asked", async () => {
  const { version } = await put("things/pump/a", "1");
  const other = await put("things/valve/a", "2");
  const group = await put("thing-groups/pumps/a", "3");
  const by = (id: string) => `version=${id}&`;
  const link = formatSignedLink({ key: "things/pump/a", version }, LINK_SECRET).split("sig=")[1] ?? "";
  const sig = signLink({ for: THING }, LINK_SECRET);
  seen.length = 0;
  const replies = await Promise.all([
    ask("/files/things/valve/a", by(other.version) + passOf(THING)),
    ask("/files/thing-groups/pumps/a", by(group.version) + passOf(THING)),
    ask("/files/thing-groups/pumps/a", by(group.version) + passOf("thing-group:valves")),
    ask("/files/things/pump/a", by(version) + passOf("thing-group:pump")),
    ask("/files/things/pump/a", by(version) + passOf(THING, "another secret")),
    ask("/files/things/pump/a", by(version) + passOf(THING, "")),
    ask("/files/things/pump/a", by(version) + formatPass({ for: THING, sig: link })),
    ask("/files/things/pump/a", `${by(version)}sig=${sig}`),
    ask("/files/things/pump/a", passOf(THING)),
    ask("/", `file=things/pump/a&${by(version)}${passOf(THING)}`),
    ask(`/packed/${"N".repeat(43)}`, passOf("fleet:1")),
    ask(`/packed/${"N".repeat(43)}`, `for=${THING}&sig=${link}`),
  ]);
  for (const reply of replies) expect(reply).toEqual(UNAUTHORIZED);
  expect(UNAUTHORIZED.statusCode).toBe(401);
  expect(seen).toEqual([]);
});

test("a pass in a request with a header means nothing [NF-12.2]", async () => {
  const { version } = await put("things/pump/a", "1");
  const query = `version=${version}&${passOf(THING, "another secret")}`;
  expect((await call({ path: "/files/things/pump/a", query })).statusCode).toBe(200);
  const headers = { authorization: "Bearer wrong" };
  const right = `version=${version}&${passOf(THING)}`;
  expect((await ask("/files/things/pump/a", right, headers)).statusCode).toBe(401);
});

test("above 4 MiB a pass gets what a token gets, never an address of the other bucket [NF-12.5] [NF-12.7]", async () => {
  const large = Buffer.alloc(RANGE_MAX_BYTES + 1, "x");
  const { version } = await put("things/pump/large", large);
  await put(packedKey({ sha256: "L".repeat(43) }), large, "packed");
  const addresses: [string, string][] = [
    ["/files/things/pump/large", `version=${version}&${passOf(THING)}`],
    [`/packed/${"L".repeat(43)}`, passOf(THING)],
  ];
  for (const [path, query] of addresses) {
    const whole = await ask(path, query);
    expect([whole.statusCode, whole.headers.Location]).toEqual([413, undefined]);
    const range = await ask(path, query, { range: "bytes=0-" });
    expect([range.statusCode, bytesOf(range).length]).toEqual([206, RANGE_MAX_BYTES]);
  }
});
