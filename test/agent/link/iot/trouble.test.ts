import { expect, test } from "vitest";
import { troubleOf } from "../../../../agent/link/iot/network-failure.ts";

const BOOT = Date.UTC(1970, 0, 1, 0, 1);
const coded = (code: string) => Object.assign(new Error(code), { code });

test("a clock that is wrong at boot is named as what makes a certificate not yet valid", () => {
  const { kind, sentence } = troubleOf(coded("CERT_NOT_YET_VALID"), "x.example", BOOT);
  expect(kind).toBe("clock");
  expect(sentence).toBe(
    "the certificate of x.example is not yet valid, since this device's clock says 1970-01-01T00:01:00.000Z: set it, by NTP for instance",
  );
});

test.each([
  ["CERT_HAS_EXPIRED", "clock", /has expired; this device's clock says 1970/],
  ["ERR_TLS_CERT_ALTNAME_INVALID", "identity", /another name/],
  ["SELF_SIGNED_CERT_IN_CHAIN", "identity", /no CA that is trusted here/],
  ["ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED", "refused", /refuses the handshake/],
  ["ERR_SSL_WRONG_VERSION_NUMBER", "identity", /does not speak TLS/],
  ["ENOTFOUND", "network", /its name is not known/],
  ["EAI_AGAIN", "network", /cannot be looked up/],
  ["ETIMEDOUT", "network", /does not answer/],
  ["EWHATEVER", "network", /EWHATEVER/],
])("%s is a trouble of the %s", (code, kind, sentence) => {
  expect(troubleOf(coded(code), "x.example", BOOT)).toEqual({
    kind,
    sentence: expect.stringMatching(sentence),
  });
});

test("of several addresses that were tried the last one counts", () => {
  const tried = new AggregateError([coded("ENETUNREACH"), coded("ECONNREFUSED")]);
  expect(troubleOf(tried, "x.example").sentence).toContain("nothing listens there");
  expect(troubleOf(undefined, "x.example").sentence).toBe(
    "there is no connection to x.example: the connection ended",
  );
});
