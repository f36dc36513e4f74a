import {
  CreateBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  HeadObjectCommand,
  PutBucketEncryptionCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketPolicyCommand,
  type PutObjectCommandInput,
  type ServerSideEncryptionRule,
} from "@aws-sdk/client-s3";
import { expect, test } from "vitest";
import { describeS3 } from "./support/describe-s3.ts";
import { errorOf } from "./support/error-of.ts";

const NOT_IMPLEMENTED = { status: 501, name: "NotImplemented" };

describeS3("what is not done is refused", (s3, { ours }) => {
  test("a deletion on a condition of size or time deletes nothing", async () => {
    await s3.put("spared");
    const at = { Bucket: s3.bucket, Key: "spared" };
    for (const condition of [{ IfMatchSize: 1 }, { IfMatchLastModifiedTime: new Date(0) }]) {
      expect(await errorOf(s3.client.send(new DeleteObjectCommand({ ...at, ...condition })))).toEqual(
        NOT_IMPLEMENTED,
      );
    }
    for (const condition of [{ Size: 1 }, { LastModifiedTime: new Date(0) }]) {
      const Delete = { Objects: [{ Key: "spared", ...condition }] };
      const reply = await s3.client
        .send(new DeleteObjectsCommand({ Bucket: s3.bucket, Delete }))
        .catch(() => ({ Errors: [{ Key: "spared" }] })); // of the whole list, or of each key
      expect(reply.Errors).toMatchObject([{ Key: "spared" }]);
    }
    expect((await s3.bytes("spared")).toString()).toBe("hello world");
  });

  test.each<[string, Partial<PutObjectCommandInput>]>([
    ["a key of KMS alone", { SSEKMSKeyId: "some-key" }],
    ["a context of KMS alone", { SSEKMSEncryptionContext: "e30=" }],
    ["a key of KMS with AES256", { ServerSideEncryption: "AES256", SSEKMSKeyId: "some-key" }],
  ])("%s is refused", async (_, more) => {
    expect(await errorOf(s3.put("kms", "x", more))).toEqual({ status: 400, name: "InvalidArgument" });
    expect((await errorOf(s3.get("kms"))).status).toBe(404);
  });

  test.runIf(ours)("encryption by KMS is refused, and so is ownership other than the default", async () => {
    const Bucket = s3.bucket;
    expect(await errorOf(s3.put("kms", "x", { ServerSideEncryption: "aws:kms" }))).toEqual(NOT_IMPLEMENTED);
    const byKms = { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "aws:kms" as const } };
    expect(await errorOf(encrypt(byKms))).toEqual(NOT_IMPLEMENTED);
    for (const ObjectOwnership of ["ObjectWriter", "BucketOwnerPreferred"] as const) {
      const OwnershipControls = { Rules: [{ ObjectOwnership }] };
      const put = new PutBucketOwnershipControlsCommand({ Bucket, OwnershipControls });
      expect(await errorOf(s3.client.send(put))).toEqual(NOT_IMPLEMENTED);
      const create = new CreateBucketCommand({ Bucket: `${Bucket}-owned`, ObjectOwnership });
      expect(await errorOf(s3.client.send(create))).toEqual(NOT_IMPLEMENTED);
    }
  });

  const encrypt = (rule: ServerSideEncryptionRule) =>
    s3.client.send(
      new PutBucketEncryptionCommand({
        Bucket: s3.bucket,
        ServerSideEncryptionConfiguration: { Rules: [rule] },
      }),
    );

  test("a read asks for no encryption", async () => {
    await s3.put("plain");
    const client = s3.connect();
    client.middlewareStack.add(
      (next) => async (args) => {
        const { request } = args;
        if (typeof request !== "object" || request === null || !("headers" in request))
          throw new Error("no request");
        const headers = { ...Object(request.headers), "x-amz-server-side-encryption": "AES256" };
        return await next({ ...args, request: Object.assign(request, { headers }) });
      },
      { step: "build" },
    );
    const refusal = await errorOf(client.send(new HeadObjectCommand({ Bucket: s3.bucket, Key: "plain" })));
    expect(refusal.status).toBe(400);
  });

  test("nonsense is no encryption", async () => {
    const nonsense = { SSEAlgorithm: "rot13" as "AES256" };
    const malformed = { status: 400, name: "MalformedXML" };
    expect(await errorOf(encrypt({ ApplyServerSideEncryptionByDefault: nonsense }))).toEqual(malformed);
    expect(await errorOf(encrypt({}))).toEqual(malformed);
    const refusal = await errorOf(s3.put("x", "x", { ServerSideEncryption: "aes:kms" as "aws:kms" }));
    expect(refusal).toEqual({ status: 400, name: "InvalidArgument" });
  });

  test.each(["another-bucket", "another-bucket/*", "*"])("a policy on %s is refused", async (resource) => {
    const Statement = [
      { Effect: "Deny", Principal: "*", Action: "s3:GetObject", Resource: `arn:aws:s3:::${resource}` },
    ];
    const Policy = JSON.stringify({ Version: "2012-10-17", Statement });
    const refusal = await errorOf(s3.client.send(new PutBucketPolicyCommand({ Bucket: s3.bucket, Policy })));
    expect(refusal).toEqual({ status: 400, name: "MalformedPolicy" });
  });
});
