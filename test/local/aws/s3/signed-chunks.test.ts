import http from "node:http";
import { GetObjectCommand } from "@aws-sdk/client-s3";
import { expect, test } from "vitest";
import { httpRequest } from "../../../conformance/s3/support/http-request.ts";
import { connect, dataFolder, openS3 } from "./support/local-s3.ts";

/** The uploads that AWS's documentation works out, sent as they stand there to a server that lives on that day. */
const CREDENTIAL = {
  accessKeyId: "AKIAIOSFODNN7EXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
  principal: "root",
};
const DAY = Date.UTC(2013, 4, 24);

const WITHOUT_TRAILER = {
  "x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
  "content-length": "66824",
  signedHeaders:
    "content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class",
  signatures: [
    "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
    "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
    "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
    "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
  ],
  end: "\r\n",
};

const WITH_TRAILER = {
  "x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
  "x-amz-trailer": "x-amz-checksum-crc32c",
  signedHeaders:
    "content-encoding;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class;x-amz-trailer",
  signatures: [
    "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e",
    "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2",
    "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7",
    "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992",
  ],
  end: [
    "x-amz-checksum-crc32c:sOO8/Q==",
    "x-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435",
    "",
    "",
  ].join("\r\n"),
};

async function upload(
  example: typeof WITHOUT_TRAILER | typeof WITH_TRAILER,
  change = (body: string) => body,
) {
  const server = await openS3(await dataFolder(), { findCredential: () => CREDENTIAL, clock: () => DAY });
  server.provisionBucket({ name: "examplebucket", versioning: false, notifications: [] });
  const { signedHeaders, signatures, end, ...headers } = example;
  const [seed, first, second, last] = signatures;
  const body = change(
    [
      `10000;chunk-signature=${first}\r\n${"a".repeat(65_536)}\r\n`,
      `400;chunk-signature=${second}\r\n${"a".repeat(1024)}\r\n`,
      `0;chunk-signature=${last}\r\n${end}`,
    ].join(""),
  );
  const reply = await httpRequest(`http://127.0.0.1:${server.port}/examplebucket/chunkObject.txt`, {
    method: "PUT",
    agent: new http.Agent(),
    headers: {
      host: "s3.amazonaws.com",
      "content-encoding": "aws-chunked",
      "x-amz-date": "20130524T000000Z",
      "x-amz-decoded-content-length": "66560",
      "x-amz-storage-class": "REDUCED_REDUNDANCY",
      ...headers,
      authorization: `AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=${signedHeaders},Signature=${seed}`,
    },
    body,
  });
  const client = connect(server, CREDENTIAL, { systemClockOffset: DAY - Date.now() });
  const stored = await client
    .send(new GetObjectCommand({ Bucket: "examplebucket", Key: "chunkObject.txt" }))
    .then(async ({ Body, ContentEncoding }) => ({ text: await Body?.transformToString(), ContentEncoding }))
    .catch(() => undefined);
  return { status: reply.status, error: /<Code>(.*)<\/Code>/.exec(reply.body.toString())?.[1], stored };
}

test.each([
  ["signed chunks", WITHOUT_TRAILER],
  ["signed chunks and a signed trailer", WITH_TRAILER],
])("%s are verified and stored without their framing", async (_, example) => {
  expect(await upload(example)).toEqual({
    status: 200,
    error: undefined,
    stored: { text: "a".repeat(66_560), ContentEncoding: undefined },
  });
});

test.each([
  ["a changed byte", (body: string) => body.replace("aaaa\r\n", "aaab\r\n")],
  [
    "chunks of another size",
    (body: string) => body.replace("10000;", "0ffff;").replace("a\r\n400", "\r\n400"),
  ],
  ["another trailing checksum", (body: string) => body.replace("sOO8", "sOO9")],
  ["no signature of the trailer", (body: string) => body.replace(/x-amz-trailer-signature.*\r\n/, "")],
  ["no signature of a chunk", (body: string) => body.replace(/;chunk-signature=1c[0-9a-f]+/, "")],
])("%s is refused, and nothing is stored", async (_, change) => {
  const { status, error, stored } = await upload(WITH_TRAILER, change);
  expect([status, error, stored]).toEqual([403, "SignatureDoesNotMatch", undefined]);
});

test("a body that ends early is refused", async () => {
  const { error } = await upload(WITH_TRAILER, (body) => body.slice(0, 60_000));
  expect(error).toBe("IncompleteBody");
});
