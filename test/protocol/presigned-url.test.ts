import { SignatureV4 } from "@smithy/signature-v4";
import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeS3Key } from "../../protocol/aws-signature.ts";
import { PRESIGNED_MAX_SECONDS, presignS3Url, s3Address } from "../../protocol/presigned-url.ts";
import { anyKey, anyVersionId } from "../support/arbitrary-key.ts";
import { SdkSha256 } from "../support/sdk-sha256.ts";

const CREDENTIALS = {
  accessKeyId: "AKIAIOSFODNN7EXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
};

test("AWS's published example", () => {
  const address = { origin: new URL("https://examplebucket.s3.amazonaws.com"), pathPrefix: "/" };
  const url = presignS3Url(
    { address, key: "test.txt", version: undefined, expiresSeconds: 86_400 },
    { credentials: CREDENTIALS, region: "us-east-1" },
    new Date("2013-05-24T00:00:00Z"),
  );
  expect(url).toBe(
    "https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256" +
      "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request" +
      "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host" +
      "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
  );
});

test("the SDK's own signer makes the same of any key, version and time", async () => {
  const credentials = { ...CREDENTIALS, sessionToken: "FwoGZXIvYXdzEBYaDExampleSessionToken//////////=" };
  const sdk = new SignatureV4({
    ...{ credentials, region: "eu-west-1", service: "s3", uriEscapePath: false, applyChecksum: false },
    sha256: SdkSha256,
  });
  const times = fc.date({ min: new Date(0), max: new Date("2100-01-01"), noInvalidDate: true });
  const seconds = fc.integer({ min: 1, max: PRESIGNED_MAX_SECONDS });
  await fc.assert(
    fc.asyncProperty(anyKey, anyVersionId, times, seconds, async (key, version, now, expiresSeconds) => {
      const address = s3Address("files", "eu-west-1", undefined);
      const ours = presignS3Url(
        { address, key, version, expiresSeconds },
        { credentials, region: "eu-west-1" },
        now,
      );
      const hostname = address.origin.hostname;
      const theirs = await sdk.presign(
        {
          ...{ method: "GET", protocol: "https:", hostname, path: `/${encodeS3Key(key)}` },
          headers: { host: hostname, "x-amz-content-sha256": "UNSIGNED-PAYLOAD" },
          query: { versionId: version },
        },
        {
          ...{ signingDate: now, expiresIn: expiresSeconds },
          unhoistableHeaders: new Set(["x-amz-content-sha256"]),
          unsignableHeaders: new Set(["x-amz-content-sha256"]),
        },
      );
      const parsed = new URL(ours);
      expect(parsed.searchParams.get("X-Amz-Signature")).toBe(theirs.query?.["X-Amz-Signature"]);
      expect(Object.fromEntries(parsed.searchParams)).toEqual(theirs.query);
    }),
  );
});

test("it is signed for the host without a port, which small clients do not send", () => {
  const url = (endpoint: string) =>
    presignS3Url(
      { address: s3Address("files", "r", endpoint), key: "a b", version: "v", expiresSeconds: 60 },
      { credentials: CREDENTIALS, region: "r" },
      new Date(0),
    );
  const [one, other] = [url("https://localhost:4600"), url("https://localhost:4601")];
  expect(one.replace("4600", "4601")).toBe(other);
  expect(one).toMatch(/^https:\/\/localhost:4600\/files\/a%20b\?/);
});
