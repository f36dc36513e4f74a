import { describe, expect, test } from "vitest";
import { sha256Hex, signatureOf, signingKey } from "../../../../local/aws/sigv4/signing-key.ts";
import { chunkStringToSign, trailerStringToSign } from "../../../../local/aws/sigv4/string-to-sign.ts";
import { verifyRequest } from "../../../../local/aws/sigv4/verify.ts";

const EMPTY = sha256Hex("");

/** The examples of https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html and its neighbours. */
describe("Amazon S3's documented examples", () => {
  const credential = {
    accessKeyId: "AKIAIOSFODNN7EXAMPLE",
    secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    principal: "root",
  };
  const options = {
    service: "s3",
    region: "us-east-1",
    findCredential: () => credential,
    now: Date.UTC(2013, 4, 24),
  };
  const CREDENTIAL = "AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request";
  const signed = (headers: Record<string, string>, signature: string) => ({
    ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
    authorization: [
      `AWS4-HMAC-SHA256 Credential=${CREDENTIAL},SignedHeaders=${Object.keys(headers).sort().join(";")},Signature=${signature}`,
    ],
  });
  const common = { host: "examplebucket.s3.amazonaws.com", "x-amz-date": "20130524T000000Z" };

  test.each([
    {
      name: "GET of a range",
      method: "GET",
      rawPath: "/test.txt",
      rawQuery: "",
      headers: { ...common, range: "bytes=0-9", "x-amz-content-sha256": EMPTY },
      signature: "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
    },
    {
      name: "PUT",
      method: "PUT",
      rawPath: "/test%24file.text",
      rawQuery: "",
      headers: {
        ...common,
        date: "Fri, 24 May 2013 00:00:00 GMT",
        "x-amz-storage-class": "REDUCED_REDUNDANCY",
        "x-amz-content-sha256": sha256Hex("Welcome to Amazon S3."),
      },
      signature: "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
    },
    {
      name: "GET of a subresource",
      method: "GET",
      rawPath: "/",
      rawQuery: "lifecycle",
      headers: { ...common, "x-amz-content-sha256": EMPTY },
      signature: "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
    },
    {
      name: "GET of a list",
      method: "GET",
      rawPath: "/",
      rawQuery: "max-keys=2&prefix=J",
      headers: { ...common, "x-amz-content-sha256": EMPTY },
      signature: "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
    },
  ])("$name", ({ method, rawPath, rawQuery, headers, signature }) => {
    const request = { method, rawPath, rawQuery, headers: signed(headers, signature) };
    expect(verifyRequest(request, options).credential).toBe(credential);
    expect(() => verifyRequest({ ...request, method: "DELETE" }, options)).toThrow("does not match");
  });

  test("a presigned GET", () => {
    const rawQuery = [
      "X-Amz-Algorithm=AWS4-HMAC-SHA256",
      `X-Amz-Credential=${encodeURIComponent(CREDENTIAL)}`,
      "X-Amz-Date=20130524T000000Z",
      "X-Amz-Expires=86400",
      "X-Amz-SignedHeaders=host",
      "X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
    ].join("&");
    const headers = { host: ["examplebucket.s3.amazonaws.com"] };
    const request = { method: "GET", rawPath: "/test.txt", rawQuery, headers };
    expect(verifyRequest(request, options).payloadHash).toBe("UNSIGNED-PAYLOAD");
    expect(() => verifyRequest(request, { ...options, now: options.now + 86_401_000 })).toThrow("expired");
  });

  const scope = { date: "20130524", region: "us-east-1", service: "s3" };
  const key = signingKey(credential.secretAccessKey, scope);
  const chunks = [sha256Hex("a".repeat(65_536)), sha256Hex("a".repeat(1024)), EMPTY];
  const sign = (previous: string, hash: string) =>
    signatureOf(key, chunkStringToSign("20130524T000000Z", scope, previous, hash));

  test("the chunks of an upload", () => {
    let previous = "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9";
    const signatures = chunks.map((hash) => {
      previous = sign(previous, hash);
      return previous;
    });
    expect(signatures).toEqual([
      "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
      "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
      "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
    ]);
  });

  test("the chunks of an upload with a trailing checksum, and the trailer", () => {
    const seed = "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e";
    const last = chunks.reduce(sign, seed);
    expect(last).toBe("2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992");
    const trailers = "x-amz-checksum-crc32c:sOO8/Q==\n";
    const toSign = trailerStringToSign("20130524T000000Z", scope, last, trailers);
    expect(signatureOf(key, toSign)).toBe("d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435");
  });
});

/** Signatures of AWS's Signature Version 4 test suite, which is of a service other than S3. */
describe("AWS's test suite", () => {
  const credential = {
    accessKeyId: "AKIDEXAMPLE",
    secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
    principal: "root",
  };
  const VANILLA = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31";

  test.each([
    ["/", "", {}, VANILLA],
    ["/./", "", {}, VANILLA],
    ["/example1/example2/../..", "", {}, VANILLA],
    ["/./example", "", {}, "ef75d96142cf21edca26f06005da7988e4f8dc83a165a80865db7089db637ec5"],
    ["//example//", "", {}, "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84"],
    ["/example space/", "", {}, "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741"],
    ["/ሴ", "", {}, "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85"],
    ["/", "ሴ=bar", {}, "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04"],
    [
      "/",
      "Param2=value2&Param1=value1",
      {},
      "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
    ],
    [
      "/",
      "",
      { "my-header1": [" value1"], "my-header2": [' "a   b   c"'] },
      "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
    ],
    [
      "/",
      "",
      { "my-header1": ["value2", "value2", "value1"] },
      "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea",
    ],
  ])("GET %s ? %s with %j", (rawPath, rawQuery, extra, signature) => {
    const headers = { host: ["example.amazonaws.com"], ...extra, "x-amz-date": ["20150830T123600Z"] };
    const authorization = [
      "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request",
      `SignedHeaders=${Object.keys(headers).join(";")}`,
      `Signature=${signature}`,
    ].join(", ");
    const request = {
      method: "GET",
      rawPath,
      rawQuery,
      headers: { ...headers, authorization: [authorization] },
    };
    const verified = verifyRequest(request, {
      service: "service",
      region: "us-east-1",
      findCredential: () => credential,
      now: Date.UTC(2015, 7, 30, 12, 36),
      body: Buffer.alloc(0),
    });
    expect(verified.payloadHash).toBe(EMPTY);
  });
});
