import {
  DeleteObjectsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { expect, test } from "vitest";
import { errorOf } from "../../../conformance/s3/support/error-of.ts";
import { connect, dataFolder, FILES, openS3 } from "./support/local-s3.ts";

async function open() {
  const server = await openS3(await dataFolder());
  server.provisionBucket(FILES);
  return { server, client: connect(server) };
}

/** Takes the checksum away that the SDK adds. */
function withoutChecksum(client: S3Client): S3Client {
  client.middlewareStack.add(
    (next) => async (args) => {
      const { request } = args;
      if (typeof request === "object" && request !== null && "headers" in request) {
        const headers: Record<string, string> = { ...(request.headers as Record<string, string>) };
        for (const name of Object.keys(headers)) if (/checksum/i.test(name)) delete headers[name];
        Object.assign(request, { headers });
      }
      return await next(args);
    },
    { step: "build", priority: "low" },
  );
  return client;
}

const all = (...keys: string[]) =>
  new DeleteObjectsCommand({ Bucket: "files", Delete: { Objects: keys.map((Key) => ({ Key })) } });

test("a list of what to delete is taken only with a digest", async () => {
  const { server, client } = await open();
  await client.send(new PutObjectCommand({ Bucket: "files", Key: "kept", Body: "x" }));
  const refusal = await errorOf(withoutChecksum(connect(server)).send(all("kept")));
  expect(refusal).toEqual({ status: 400, name: "InvalidRequest" });
  expect((await client.send(new ListObjectsV2Command({ Bucket: "files" }))).KeyCount).toBe(1);
});

test("of a list, what is no key is refused, and the rest is deleted", async () => {
  const { client } = await open();
  const reply = await client.send(all("", "k".repeat(1025), "never was"));
  expect(reply.Deleted?.map(({ Key }) => Key)).toEqual(["never was"]);
  expect(reply.Errors?.map(({ Code }) => Code)).toEqual(["UserKeyMustBeSpecified", "KeyTooLongError"]);
});
