import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { SignedRequest } from "../../../../local/aws/sigv4/canonical-request.ts";
import type { Credential } from "../../../../local/aws/sigv4/credential.ts";
import { SignatureError } from "../../../../local/aws/sigv4/signature-error.ts";
import { uriEncodePath } from "../../../../local/aws/sigv4/uri-encode.ts";
import { type VerifyOptions, verifyRequest } from "../../../../local/aws/sigv4/verify.ts";
import { anyKey } from "../../../support/arbitrary-key.ts";
import { thrownBy } from "../../../support/thrown-by.ts";
import { sdkSigner } from "./support/sdk-signer.ts";

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5);
const MINUTE_MS = 60_000;
const REGION = "eu-west-1";
const KEY: Credential = { accessKeyId: "AKID/with/slashes", secretAccessKey: "secret", principal: "root" };
const ROLE: Credential = {
  ...KEY,
  accessKeyId: "ASIA",
  sessionToken: "token==",
  principal: "arn:aws:iam::1:role/r",
};

type Draft = {
  method?: string;
  key?: string;
  query?: Record<string, string>;
  body?: string;
  headers?: Record<string, string>;
};

const draftOf = ({ method = "GET", key = "", query = {}, body = "", headers = {} }: Draft) => ({
  method,
  protocol: "https:",
  hostname: "localhost",
  path: `/${uriEncodePath(key)}`,
  query,
  headers: { host: "localhost", ...headers },
  body,
});

/** What the server would see of a request that the SDK's signer signed. */
async function signed(service: string, credential: Credential, draft: Draft): Promise<SignedRequest> {
  const request = await sdkSigner(service, REGION, credential).sign(draftOf(draft), {
    signingDate: new Date(NOW),
  });
  return seen(request);
}

async function presigned(draft: Draft, expiresIn = 60, credential = KEY): Promise<SignedRequest> {
  const settings = { signingDate: new Date(NOW), expiresIn };
  const headers = { "x-amz-content-sha256": "UNSIGNED-PAYLOAD" }; // as the SDK's presigner for S3 does
  return seen(await sdkSigner("s3", REGION, credential).presign(draftOf({ ...draft, headers }), settings));
}

function seen(request: {
  method: string;
  path: string;
  query?: object;
  headers: Record<string, string>;
}): SignedRequest {
  const encode = (text: unknown) => encodeURIComponent(String(text));
  return {
    method: request.method,
    rawPath: request.path,
    rawQuery: Object.entries(request.query ?? {})
      .map(([name, value]) => `${encode(name)}=${encode(value)}`)
      .join("&"),
    headers: Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), [value]]),
    ),
  };
}

const verify = (request: SignedRequest, more: Partial<VerifyOptions> = {}) =>
  verifyRequest(request, {
    service: "s3",
    region: REGION,
    now: NOW,
    findCredential: (id) => [KEY, ROLE].find(({ accessKeyId }) => accessKeyId === id),
    ...more,
  });

function faultOf(request: SignedRequest, more?: Partial<VerifyOptions>): string | undefined {
  const error = thrownBy(() => verify(request, more));
  return error instanceof SignatureError ? error.fault : String(error);
}

describe("what the SDK's signer signs is accepted", () => {
  test("for any key, query, body and header", async () => {
    const text = fc.string({ unit: "binary", maxLength: 20 });
    // The SDK's signer signs a parameter of this name as something else.
    const name = text.filter((each) => each !== "__proto__");
    await fc.assert(
      fc.asyncProperty(anyKey, fc.dictionary(name, text, { maxKeys: 4 }), text, async (key, query, body) => {
        const request = await signed("s3", KEY, {
          method: "PUT",
          key,
          query,
          body,
          headers: { "x-amz-meta-a": " b  c " },
        });
        expect(verify(request).credential).toBe(KEY);
      }),
    );
  });

  test("for any key in a presigned URL", async () => {
    await fc.assert(
      fc.asyncProperty(anyKey, async (key) => {
        expect(verify(await presigned({ key })).payloadHash).toBe("UNSIGNED-PAYLOAD");
      }),
    );
  });

  test("for the body of another service", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "binary" }), async (body) => {
        const request = await signed("sqs", ROLE, {
          method: "POST",
          body,
          headers: { "x-amz-target": "A.B" },
        });
        const options = { service: "sqs", body: Buffer.from(body) };
        expect(verify(request, options).credential).toBe(ROLE);
        expect(faultOf(request, { ...options, body: Buffer.from(`${body}!`) })).toBe("mismatch");
      }),
    );
  });

  test("with a session token, in the header and in the query", async () => {
    expect(verify(await signed("s3", ROLE, {})).credential).toBe(ROLE);
    expect(verify(await presigned({}, 60, ROLE)).credential).toBe(ROLE);
  });
});

describe("what is refused", () => {
  test.each([
    ["another method", (request: SignedRequest) => ({ ...request, method: "DELETE" })],
    ["another path", (request: SignedRequest) => ({ ...request, rawPath: "/other" })],
    ["another query", (request: SignedRequest) => ({ ...request, rawQuery: "versionId=1" })],
    [
      "another header",
      (request: SignedRequest) => ({
        ...request,
        headers: { ...request.headers, "x-amz-meta-a": ["changed"] },
      }),
    ],
  ])("%s", async (_, change) => {
    const request = await signed("s3", KEY, { key: "k", headers: { "x-amz-meta-a": "b" } });
    expect(faultOf(request)).toBe("undefined");
    expect(faultOf(change(request))).toBe("mismatch");
  });

  test("a header x-amz-* that is not signed", async () => {
    const request = await signed("s3", KEY, {});
    const headers = { ...request.headers, "x-amz-acl": ["public-read"] };
    expect(faultOf({ ...request, headers })).toBe("unsigned-header");
  });

  test("no signature, a broken one, one that signs no host", async () => {
    const request = await signed("s3", KEY, {});
    const withAuthorization = (authorization: string) => ({
      ...request,
      headers: { ...request.headers, authorization: [authorization] },
    });
    const { authorization: _, ...unsigned } = request.headers;
    const authorization = request.headers.authorization?.[0] ?? "";
    expect(faultOf({ ...request, headers: unsigned })).toBe("missing");
    expect(faultOf(withAuthorization("AWS AKID:old"))).toBe("malformed");
    expect(faultOf({ ...request, rawQuery: "AWSAccessKeyId=AKID&Signature=x&Expires=1" })).toBe("malformed");
    expect(faultOf(withAuthorization("AWS4-HMAC-SHA256 nonsense"))).toBe("malformed");
    expect(faultOf(withAuthorization(authorization.replace("=host;", "=")))).toBe("malformed");
    expect(faultOf(withAuthorization(authorization.replace(/Signature=.*/, "Signature=")))).toBe("mismatch");
  });

  test("another secret, an unknown key, another session token", async () => {
    const request = await signed("s3", ROLE, {});
    const secretAccessKey = "other";
    expect(faultOf(request, { findCredential: () => ({ ...ROLE, secretAccessKey }) })).toBe("mismatch");
    expect(faultOf(request, { findCredential: () => undefined })).toBe("unknown-key");
    expect(faultOf(request, { findCredential: () => ({ ...ROLE, sessionToken: "rotated" }) })).toBe(
      "invalid-token",
    );
    expect(
      faultOf(await signed("s3", KEY, {}), { findCredential: () => ({ ...KEY, sessionToken: "t" }) }),
    ).toBe("invalid-token");
  });

  test("another region or service", async () => {
    const request = await signed("s3", KEY, {});
    expect(faultOf(request, { region: "us-east-1" })).toBe("wrong-region");
    expect(faultOf(request, { service: "sqs" })).toBe("wrong-scope");
  });

  test.each([
    [-16, "skewed"],
    [-14, "undefined"],
    [14, "undefined"],
    [16, "skewed"],
  ])("a header signed %i minutes from now: %s", async (minutes, fault) => {
    expect(faultOf(await signed("s3", KEY, {}), { now: NOW + minutes * MINUTE_MS })).toBe(fault);
  });

  test("a presigned URL too early, too late, for too long, or with a parameter given twice", async () => {
    const url = await presigned({ key: "k" }, 600);
    expect(faultOf(url, { now: NOW - 16 * MINUTE_MS })).toBe("not-yet-valid");
    expect(faultOf(url, { now: NOW + 9 * MINUTE_MS })).toBe("undefined");
    expect(faultOf(url, { now: NOW + 11 * MINUTE_MS })).toBe("expired");
    for (const expires of ["604801", "-1", "1e3", "", "0x10"]) {
      const rawQuery = url.rawQuery.replace(/X-Amz-Expires=\d+/, `X-Amz-Expires=${expires}`);
      expect(faultOf({ ...url, rawQuery })).toBe("malformed");
    }
    expect(faultOf({ ...url, rawQuery: `${url.rawQuery}&X-Amz-Expires=700` })).toBe("malformed");
  });

  test("whatever it is, as a fault with a message that holds no secret", () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.string({ unit: "binary" }),
        fc.string(),
        (authorization, date, rawQuery) => {
          const headers = { authorization: [authorization], "x-amz-date": [date], host: ["h"] };
          const error = thrownBy(() => verify({ method: "GET", rawPath: "/", rawQuery, headers }));
          expect(error instanceof SignatureError || error instanceof URIError).toBe(true);
          expect(String(error)).not.toContain("secret");
        },
      ),
    );
  });
});
