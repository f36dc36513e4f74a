import { createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseRequest, type RawRequest } from "../../protocol/request.ts";
import {
  formatSignedLink,
  isSigned,
  LINK_PATH_MAX_CHARS,
  type Linked,
  parseSignedLink,
  signLink,
} from "../../protocol/signed-link.ts";
import { anyEtag, anyVersionId, requestableKey } from "../support/arbitrary-key.ts";

const SECRETS = { current: "the current secret", previous: "the previous secret" };
const ETAG = "0123456789abcdef0123456789abcdef";

const anyLinked: fc.Arbitrary<Linked> = fc.oneof(
  fc.record({ key: requestableKey, etag: anyEtag }),
  fc.record({ key: requestableKey, version: anyVersionId }),
);

function requestOf(link: string, method = "GET"): RawRequest {
  const [rawPath = "", ...query] = link.split("?");
  return { method, rawPath, rawQuery: query.join("?"), headers: {} };
}

const isOpen = (request: RawRequest, secrets = SECRETS) => {
  const presented = parseSignedLink(request);
  return presented !== undefined && isSigned(presented, secrets);
};

describe("a signed link [NF-12.1] [NF-12.2]", () => {
  test("has the first 128 bits of the HMAC over what it is, its value and the key", () => {
    const mac = (text: string) => createHmac("sha256", "s").update(text).digest("base64url").slice(0, 21);
    const sig = signLink({ key: "a b/ü", etag: "e-1" }, "s");
    expect(sig).toMatch(/^[\w-]{22}$/);
    expect(sig.slice(0, 21)).toBe(mac("etag\ne-1\na b/ü"));
    expect(signLink({ key: "a b/ü", version: "e-1" }, "s").slice(0, 21)).toBe(mac("version\ne-1\na b/ü"));
  });

  test("opens what the request names, and is of few characters that nobody escapes", () => {
    fc.assert(
      fc.property(anyLinked, fc.constantFrom("current" as const, "previous" as const), (linked, which) => {
        const link = formatSignedLink(linked, SECRETS[which]);
        expect(link).toMatch(/^\/files\/[!-~]+\?(?:etag|version)=[!-~]+&sig=[\w-]{22}$/);
        expect(link.slice(1)).not.toMatch(/:|^\//); // a port or another host, for some clients
        for (const method of ["GET", "HEAD"]) {
          expect(parseSignedLink(requestOf(link, method))?.linked).toEqual(linked);
          expect(isOpen(requestOf(link, method))).toBe(true);
          expect(parseRequest(requestOf(link, method))).toMatchObject({ door: "range", ...linked });
        }
      }),
    );
  });

  test("of one thing opens no other", () => {
    fc.assert(
      fc.property(anyLinked, anyLinked, (one, other) => {
        fc.pre(JSON.stringify(one) !== JSON.stringify(other));
        const sig = signLink(one, SECRETS.current);
        expect(isSigned({ linked: other, sig }, SECRETS)).toBe(false);
      }),
    );
  });

  test("no two things are signed alike: where one part ends is part of what is signed", () => {
    const all: Linked[] = [
      { key: "k", etag: "abc" },
      { key: "k", version: "abc" },
      { key: "ck", etag: "ab" },
      { key: "abc\nk", etag: "x" },
      { key: "x\nabc\nk", etag: "y" },
      { key: "k\n", etag: "abc" },
    ];
    expect(new Set(all.map((linked) => signLink(linked, "s"))).size).toBe(all.length);
  });

  test("with one character changed opens nothing", () => {
    fc.assert(
      fc.property(anyLinked, fc.nat(), fc.constantFrom(..."AaZz09-_=%& ."), (linked, at, character) => {
        const link = formatSignedLink(linked, SECRETS.current);
        const place = at % link.length;
        const changed = link.slice(0, place) + character + link.slice(place + 1);
        const before = parseSignedLink(requestOf(link));
        const after = parseSignedLink(requestOf(changed));
        // Another spelling of the same, such as %3a for %3A, is the same.
        fc.pre(JSON.stringify(after) !== JSON.stringify(before));
        expect(isOpen(requestOf(changed))).toBe(false);
      }),
    );
  });

  test("the last character has four bits that are not signed, and only one value of them is taken", () => {
    const linked = { key: "k", etag: ETAG };
    const sig = signLink(linked, SECRETS.current);
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const taken = [...alphabet].filter((last) => isSigned({ linked, sig: sig.slice(0, 21) + last }, SECRETS));
    expect(taken).toEqual([sig.at(-1)]);
  });

  test("under an empty or another secret opens nothing", () => {
    const linked = { key: "k", etag: ETAG };
    const link = (secret: string) => requestOf(formatSignedLink(linked, secret));
    expect(isOpen(link(""), { current: "a", previous: "" })).toBe(false);
    expect(isOpen(link(""), { current: "", previous: "" })).toBe(false);
    expect(isOpen(link("b"), { current: "a", previous: "" })).toBe(false);
    expect(isOpen(link("a"), { current: "a", previous: "" })).toBe(true);
  });
});

const GOOD = formatSignedLink({ key: "a/b", etag: ETAG }, SECRETS.current);
const SIG = signLink({ key: "a/b", etag: ETAG }, SECRETS.current);

test.each([
  ["another method", GOOD, "POST"],
  ["another method", GOOD, "DELETE"],
  ["no signature", `/files/a/b?etag=${ETAG}`, "GET"],
  ["two signatures", `${GOOD}&sig=${SIG}`, "GET"],
  ["neither etag nor version", `/files/a/b?sig=${SIG}`, "GET"],
  ["both", `${GOOD}&version=v1`, "GET"],
  ["an empty etag", `/files/a/b?etag=&sig=${SIG}`, "GET"],
  ["version null", `/files/a/b?version=null&sig=${SIG}`, "GET"],
  ["a broken escape", `/files/a%/b?etag=${ETAG}&sig=${SIG}`, "GET"],
  ["broken UTF-8", `/files/%ff?etag=${ETAG}&sig=${SIG}`, "GET"],
  ["the door by number", `/?file=a/b&etag=${ETAG}&sig=${SIG}`, "GET"],
  ["the sample's door", `/sample?file=a/b&etag=${ETAG}&sig=${SIG}`, "GET"],
  ["packed content", `/packed/a/b?etag=${ETAG}&sig=${SIG}`, "GET"],
  ["no door", `/a/b?etag=${ETAG}&sig=${SIG}`, "GET"],
])("[NF-12.2] %s is no link: %s", (_, link, method) => {
  expect(parseSignedLink(requestOf(link, method))).toBeUndefined();
});

test("[NF-12.2] a range may be asked for beside it, and the slashes of joined addresses do not matter", () => {
  for (const link of [`${GOOD}&offset=0&max=5`, `/${GOOD}`, GOOD.replace("?", "?max=5&")]) {
    expect(isOpen(requestOf(link))).toBe(true);
  }
});

describe("[NF-12.6] what has room for 191 characters", () => {
  const plain = fc.stringMatching(/^[\w./-]{1,100}$/);
  const etag = fc.oneof(
    fc.stringMatching(/^[0-9a-f]{32}$/),
    fc
      .tuple(fc.stringMatching(/^[0-9a-f]{32}$/), fc.integer({ min: 1, max: 10_000 }))
      .map((all) => all.join("-")),
  );
  const version = fc.stringMatching(/^[\w.]{32}$/);

  test("has room for the link to any key of 100, of any version that S3 names", () => {
    const linked = fc.oneof(
      fc.record({ key: plain, etag }),
      fc.record({ key: plain, version }),
    ) as fc.Arbitrary<Linked>;
    fc.assert(
      fc.property(linked, (each) => {
        expect(formatSignedLink(each, SECRETS.current).length).toBeLessThanOrEqual(LINK_PATH_MAX_CHARS);
      }),
    );
    const longest = { key: "k".repeat(100), etag: `${ETAG}-10000` };
    expect(formatSignedLink(longest, SECRETS.current)).toHaveLength(178);
  });
});
