import { once } from "node:events";
import http from "node:http";
import { GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { expect, test } from "vitest";
import { connect, dataFolder, FILES, openS3 } from "./support/local-s3.ts";

test("headers go out in their usual spelling, which clients of small devices compare letter by letter", async () => {
  const server = await openS3(await dataFolder());
  server.provisionBucket({ ...FILES, cors: [{ origins: ["*"], methods: ["GET"], headers: [], expose: [] }] });
  const client = connect(server);
  const at = { Bucket: "files", Key: "object" };
  await client.send(new PutObjectCommand({ ...at, Body: "bytes", Metadata: { "my-name": "x" } }));
  const url = await getSignedUrl(client, new GetObjectCommand(at));
  const request = http.get(url, { headers: { range: "bytes=0-1", origin: "http://page.example" } });
  const [reply] = await once(request, "response");
  reply.resume();
  const names = reply.rawHeaders.filter((_: string, index: number) => index % 2 === 0);
  expect(names).toEqual(
    expect.arrayContaining([
      ...[
        "Content-Length",
        "Content-Range",
        "Content-Type",
        "ETag",
        "Last-Modified",
        "Accept-Ranges",
        "Date",
      ],
      ...["Server", "Access-Control-Allow-Origin", "Vary", "x-amz-request-id", "x-amz-version-id"],
      "x-amz-meta-my-name",
    ]),
  );
  expect(names.filter((name: string) => /^[a-z]/.test(name) && !name.startsWith("x-amz-"))).toEqual([]);
});
