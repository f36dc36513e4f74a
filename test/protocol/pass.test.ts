import { createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatPacked } from "../../protocol/packed.ts";
import type { RawRequest } from "../../protocol/request.ts";
import {
  formatPass,
  formatSignedLink,
  isSigned,
  parseSignedLink,
  signLink,
} from "../../protocol/signed-link.ts";
import { anyVersionId } from "../support/arbitrary-key.ts";

const SECRETS = { current: "the current secret", previous: "the previous secret" };
const THING = "thing:pump";
const PACKED = `/packed/${formatPacked({ sha256: "M".repeat(43), manifest: true })}`;

const passOf = (uid: string, secret = SECRETS.current) =>
  formatPass({ for: uid, sig: signLink({ for: uid }, secret) });

function requestOf(address: string, method = "GET"): RawRequest {
  const [rawPath = "", ...query] = address.split("?");
  return { method, rawPath, rawQuery: query.join("?"), headers: {} };
}

function opens(address: string, method?: string): boolean {
  const presented = parseSignedLink(requestOf(address, method));
  return presented !== undefined && isSigned(presented, SECRETS);
}

const uid = fc.stringMatching(/^thing(-group)?:[0-9A-Za-z:_-]{1,128}$/);
const folder = (of: string) => of.replace(/^thing(-group)?:/, (_, group = "") => `thing${group}s/`);

describe("a pass [NF-12.7]", () => {
  test("has the first 128 bits of the HMAC over whom it is for", () => {
    const mac = createHmac("sha256", "s").update("for\nthing:pump\n").digest("base64url");
    expect(signLink({ for: THING }, "s").slice(0, 21)).toBe(mac.slice(0, 21));
  });

  test("opens the versions in its target's own folder, and what is packed", () => {
    const which = fc.constantFrom("current" as const, "previous" as const);
    fc.assert(
      fc.property(uid, anyVersionId, which, fc.constantFrom("GET", "HEAD"), (of, version, half, method) => {
        const pass = passOf(of, SECRETS[half]);
        expect(pass).toMatch(/^for=[\w%-]+&sig=[\w-]{22}$/);
        const file = `/files/${folder(of)}/a%20b/c?version=${encodeURIComponent(version)}`;
        expect(opens(`${file}&${pass}`, method)).toBe(true);
        expect(opens(`${PACKED}?${pass}`, method)).toBe(true);
        expect(opens(`${file}&offset=0&max=9&${pass}`, method)).toBe(true);
      }),
    );
  });

  test("opens no file of anybody else", () => {
    fc.assert(
      fc.property(uid, uid, (of, other) => {
        fc.pre(of !== other);
        expect(opens(`/files/${folder(other)}/a?version=v1&${passOf(of)}`)).toBe(false);
        const forged = formatPass({ for: other, sig: signLink({ for: of }, SECRETS.current) });
        expect(opens(`/files/${folder(other)}/a?version=v1&${forged}`)).toBe(false);
      }),
    );
  });

  test.each([
    ["without a version", `/files/things/pump/a?${passOf(THING)}`],
    ["by etag", `/files/things/pump/a?etag=0123&${passOf(THING)}`],
    ["by both", `/files/things/pump/a?etag=0123&version=v1&${passOf(THING)}`],
    ["by version null", `/files/things/pump/a?version=null&${passOf(THING)}`],
    ["whose name begins like it", `/files/things/pumpx/a?version=v1&${passOf(THING)}`],
    ["beside its folder", `/files/things/pump?version=v1&${passOf(THING)}`],
    ["of a group with its name", `/files/thing-groups/pump/a?version=v1&${passOf(THING)}`],
    ["of nobody's", `/files/a?version=v1&${passOf(THING)}`],
    ["at the door by number", `/?file=things/pump/a&version=v1&${passOf(THING)}`],
    ["packed, at the door by number", `/?packed=manifest/${"M".repeat(43)}&${passOf(THING)}`],
    ["at no door", `/things/pump/a?version=v1&${passOf(THING)}`],
  ])("opens nothing %s", (_, address) => {
    expect(opens(address)).toBe(false);
  });

  test("of a device, of a fleet, of nobody, or presented twice is none", () => {
    for (const uid of ["dev:1", "fleet:1", "", "thing:", "thing:a b"])
      expect(parseSignedLink(requestOf(`${PACKED}?${passOf(uid)}`))).toBeUndefined();
    expect(opens(`${PACKED}?${passOf(THING)}&${passOf(THING)}`)).toBe(false);
    expect(opens(`${PACKED}?${passOf(THING)}`, "POST")).toBe(false);
  });

  test("is no link, and a link no pass: neither's signature opens what the other's does", () => {
    const key = "things/pump/a";
    const link = signLink({ key, version: "v1" }, SECRETS.current);
    expect(opens(`/files/${key}?version=v1&${formatPass({ for: THING, sig: link })}`)).toBe(false);
    expect(opens(`/files/${key}?version=v1&sig=${signLink({ for: THING }, SECRETS.current)}`)).toBe(false);
    // A link to the version, with whom a pass would be for beside it, goes by the pass alone.
    expect(opens(`${formatSignedLink({ key, version: "v1" }, SECRETS.current)}&for=${THING}`)).toBe(false);
    const texts = [{ for: THING }, { key: THING, etag: "for" }, { key: "", etag: THING }];
    expect(new Set(texts.map((linked) => signLink(linked, "s"))).size).toBe(texts.length);
  });

  test("with one character changed opens nothing", () => {
    const address = `/files/things/pump/a?version=v1&${passOf(THING)}`;
    const before = JSON.stringify(parseSignedLink(requestOf(address)));
    fc.assert(
      fc.property(fc.nat(), fc.constantFrom(..."AaZz09-_=%& .:"), (at, character) => {
        const place = at % address.length;
        const changed = address.slice(0, place) + character + address.slice(place + 1);
        // A pass says nothing of which version or path it is: those are the folder's.
        fc.pre(JSON.stringify(parseSignedLink(requestOf(changed))) !== before);
        expect(opens(changed)).toBe(false);
      }),
    );
  });
});
