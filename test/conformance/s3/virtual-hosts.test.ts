import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from "@aws-sdk/client-s3";
import { expect, test } from "vitest";
import { bytesOf, describeS3 } from "./support/describe-s3.ts";
import { begin } from "./support/multipart.ts";

describeS3("virtual-hosted names", (s3) => {
  const connect = () => {
    const endpoint = s3.target.endpoint.replace("//localhost", "//s3.localhost");
    return s3.connect({ endpoint, forcePathStyle: false });
  };

  test("the host's name says which bucket is meant, over HTTPS too", async () => {
    const client = connect();
    const at = { Bucket: s3.bucket, Key: "a/b" };
    await client.send(new PutObjectCommand({ ...at, Body: "virtual" }));
    expect((await bytesOf(await client.send(new GetObjectCommand(at)))).toString()).toBe("virtual");
    const { Contents } = await client.send(new ListObjectsV2Command({ Bucket: s3.bucket }));
    expect(Contents?.map(({ Key }) => Key)).toEqual(["a/b"]);
  });

  test("the location of what was made names the bucket once", async () => {
    const { part, complete } = await begin({ ...s3, bucket: s3.bucket, client: connect() }, "made/here");
    const { Location } = await complete([{ PartNumber: 1, ETag: (await part(1, "x")).ETag }]);
    const { host, pathname } = new URL(Location ?? "");
    expect([host, decodeURIComponent(pathname)].join("").split(s3.bucket)).toHaveLength(2);
    expect(decodeURIComponent(pathname)).toMatch(/\/made\/here$/);
  });
});
