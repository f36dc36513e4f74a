import { SignatureV4 } from "@smithy/signature-v4";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { signRequest } from "../../../../functions/file-server/aws/sigv4.ts";
import { encodeS3Key, encodeUriComponent } from "../../../../protocol/aws-signature.ts";
import { anyKey } from "../../../support/arbitrary-key.ts";
import { SdkSha256 } from "../../../support/sdk-sha256.ts";

const CREDENTIALS = {
  accessKeyId: "AKIAIOSFODNN7EXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
};

/** https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html#example-signature-calculations */
describe("AWS's published examples", () => {
  const scope = { credentials: CREDENTIALS, region: "us-east-1", service: "s3" };
  const now = new Date("2013-05-24T00:00:00Z");
  const host = "examplebucket.s3.amazonaws.com";

  test("GET Object", () => {
    const headers = { range: "bytes=0-9" };
    expect(signRequest({ method: "GET", host, path: "/test.txt", headers, body: "" }, scope, now)).toEqual({
      host,
      range: "bytes=0-9",
      "x-amz-content-sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      "x-amz-date": "20130524T000000Z",
      authorization:
        "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request," +
        "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date," +
        "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
    });
  });

  test("PUT Object, with a body and a key that needs escapes", () => {
    const headers = { date: "Fri, 24 May 2013 00:00:00 GMT", "x-amz-storage-class": "REDUCED_REDUNDANCY" };
    const path = `/${encodeS3Key("test$file.text")}`;
    const body = "Welcome to Amazon S3.";
    const signed = signRequest({ method: "PUT", host, path, headers, body }, scope, now);
    expect(signed.authorization).toMatch(
      /Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd$/,
    );
  });
});

describe("against the SDK's own signer", () => {
  const credentials = { ...CREDENTIALS, sessionToken: "FwoGZXIvYXdzEBYaDExampleSessionToken//////////=" };
  const scope = { credentials, region: "eu-west-1", service: "s3" };
  const sdk = new SignatureV4({ ...scope, sha256: SdkSha256, uriEscapePath: false });

  test("the same signature for any key, version, range, etag and time", async () => {
    const times = fc.date({ min: new Date(0), max: new Date("2100-01-01"), noInvalidDate: true });
    await fc.assert(
      fc.asyncProperty(anyKey, fc.option(anyKey), fc.nat(), times, async (key, versionId, first, now) => {
        const path = `/files-bucket/${encodeS3Key(key)}`;
        const headers = { range: `bytes=${first}-${first + 249}`, "if-match": '"0123456789abcdef"' };
        const query = versionId === null ? undefined : `versionId=${encodeUriComponent(versionId)}`;
        const ours = signRequest(
          { method: "GET", host: "localhost:9000", path, query, headers, body: "" },
          scope,
          now,
        );
        const request = { method: "GET", protocol: "https:", hostname: "localhost", port: 9000, path };
        const theirs = await sdk.sign(
          {
            ...request,
            headers: { ...headers, host: "localhost:9000" },
            query: versionId === null ? {} : { versionId },
          },
          { signingDate: now },
        );
        expect(ours.authorization?.replaceAll(",", ", ")).toBe(theirs.headers.authorization);
        expect(ours["x-amz-security-token"]).toBe(credentials.sessionToken);
      }),
    );
  });
});

describe("encodeS3Key", () => {
  test("leaves RFC 3986's unreserved characters and slashes alone, and nothing else", () => {
    expect(encodeS3Key("a/b c+d%e:f!g'(h)*~i_j.k-l")).toBe("a/b%20c%2Bd%25e%3Af%21g%27%28h%29%2A~i_j.k-l");
    expect(encodeS3Key("a//b/")).toBe("a//b/");
    expect(encodeS3Key("ä語😀")).toBe("%C3%A4%E8%AA%9E%F0%9F%98%80");
  });

  test("is undone by decoding once", () => {
    fc.assert(
      fc.property(anyKey, (key) => {
        expect(encodeS3Key(key)).toMatch(/^(?:[0-9A-Za-z._~/-]|%[0-9A-F]{2})+$/);
        expect(decodeURIComponent(encodeS3Key(key))).toBe(key);
      }),
    );
  });
});
