import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeletePublicAccessBlockCommand,
  GetBucketCorsCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketPolicyCommand,
  GetPublicAccessBlockCommand,
  HeadObjectCommand,
  type LifecycleRule,
  PutBucketCorsCommand,
  PutBucketEncryptionCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketPolicyCommand,
  PutPublicAccessBlockCommand,
} from "@aws-sdk/client-s3";
import { expect, test } from "vitest";
import { describeS3 } from "./support/describe-s3.ts";
import { errorOf } from "./support/error-of.ts";
import { begin } from "./support/multipart.ts";

describeS3("what is stored comes back as it was put", (s3) => {
  const head = (Key: string) => s3.client.send(new HeadObjectCommand({ Bucket: s3.bucket, Key }));

  test("lifecycle rules, with a filter or without", async () => {
    const Bucket = s3.bucket;
    const Rules: LifecycleRule[] = [
      { ID: "old", Status: "Enabled", Prefix: "old/", Expiration: { Days: 1 } },
      { ID: "new", Status: "Disabled", Filter: { Prefix: "new/" }, Expiration: { Days: 2 } },
      {
        ID: "all",
        Status: "Enabled",
        Filter: { Prefix: "" },
        NoncurrentVersionExpiration: { NoncurrentDays: 3 },
      },
    ];
    const put = (rules: LifecycleRule[]) =>
      s3.client.send(
        new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules: rules } }),
      );
    await put(Rules);
    const got = await s3.client.send(new GetBucketLifecycleConfigurationCommand({ Bucket }));
    expect(got.Rules).toEqual(Rules);
    await put([{ Status: "Enabled", Prefix: "a&b/", Expiration: { Days: 1 } }]);
    const unnamed = await s3.client.send(new GetBucketLifecycleConfigurationCommand({ Bucket }));
    expect(unnamed.Rules).toMatchObject([{ Prefix: "a&b/" }]);
    expect(unnamed.Rules?.[0]?.ID).toBeTruthy(); // S3 gives one
  });

  test("a policy with its version and its id", async () => {
    const Bucket = s3.bucket;
    const policy = {
      Version: "2008-10-17",
      Id: "its id",
      Statement: [
        {
          Sid: "s",
          Effect: "Deny",
          Principal: "*",
          Action: "s3:GetObjectTorrent",
          Resource: `arn:aws:s3:::${Bucket}/x`,
        },
      ],
    };
    const Policy = JSON.stringify(policy);
    await s3.client.send(new PutBucketPolicyCommand({ Bucket, Policy }));
    const got = await s3.client.send(new GetBucketPolicyCommand({ Bucket }));
    expect(JSON.parse(got.Policy ?? "")).toMatchObject({ Version: "2008-10-17", Id: "its id" });
  });

  test("CORS rules with their ids", async () => {
    const Bucket = s3.bucket;
    const CORSRules = [{ ID: "mine", AllowedMethods: ["GET"], AllowedOrigins: ["*"] }];
    await s3.client.send(new PutBucketCorsCommand({ Bucket, CORSConfiguration: { CORSRules } }));
    expect((await s3.client.send(new GetBucketCorsCommand({ Bucket }))).CORSRules).toEqual(CORSRules);
  });

  test.each([
    ["gzip", "gzip"],
    ["deflate, gzip", "deflate, gzip"],
    ["aws-chunked, gzip", "gzip"],
    ["gzip, aws-chunked", "gzip"],
    ["aws-chunked", undefined],
    ["aws-chunked, aws-chunked", undefined],
  ])("Content-Encoding: %s", async (ContentEncoding, kept) => {
    await s3.put("encoded", "x", { ContentEncoding });
    expect((await head("encoded")).ContentEncoding).toBe(kept);
  });

  test("AES256 comes back from what makes an object and from what reads it", async () => {
    const ServerSideEncryption = "AES256" as const;
    const put = await s3.put("encrypted", "x", { ServerSideEncryption });
    const { upload, part, complete } = await begin(s3, "encrypted-parts", { ServerSideEncryption });
    const { ETag, ...uploaded } = await part(1, "x");
    const completed = await complete([{ PartNumber: 1, ETag }]);
    const source = { Bucket: s3.bucket, CopySource: `${s3.bucket}/encrypted` };
    const copied = await s3.client.send(
      new CopyObjectCommand({ ...source, Key: "encrypted-copy", ServerSideEncryption }),
    );
    const got = await s3.get("encrypted");
    await got.Body?.transformToByteArray();
    const heads = await Promise.all(["encrypted", upload.Key, "encrypted-copy"].map(head));
    for (const reply of [put, uploaded, completed, copied, got, ...heads]) {
      expect(reply).toMatchObject({ ServerSideEncryption });
    }
  });

  test("AES256 of the bucket is that of its objects", async () => {
    const Bucket = `${s3.bucket}-encrypted`;
    await s3.client.send(new CreateBucketCommand({ Bucket }));
    const rule = { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" as const } };
    const ServerSideEncryptionConfiguration = { Rules: [rule] };
    await s3.client.send(new PutBucketEncryptionCommand({ Bucket, ServerSideEncryptionConfiguration }));
    expect(await s3.put("x", "x", { Bucket })).toMatchObject({ ServerSideEncryption: "AES256" });
  });

  test("a public access block, until it is deleted", async () => {
    const Bucket = s3.bucket;
    const PublicAccessBlockConfiguration = { BlockPublicAcls: true, BlockPublicPolicy: false };
    await s3.client.send(new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration }));
    const get = () => s3.client.send(new GetPublicAccessBlockCommand({ Bucket }));
    expect((await get()).PublicAccessBlockConfiguration).toMatchObject(PublicAccessBlockConfiguration);
    await s3.client.send(new DeletePublicAccessBlockCommand({ Bucket }));
    expect(await errorOf(get())).toEqual({ status: 404, name: "NoSuchPublicAccessBlockConfiguration" });
  });

  test("a bucket of one's own in us-east-1 is created again, and keeps what it holds", async () => {
    await s3.put("kept");
    const again = s3.client.send(new CreateBucketCommand({ Bucket: s3.bucket }));
    if (s3.target.region === "us-east-1") await again;
    else expect(await errorOf(again)).toEqual({ status: 409, name: "BucketAlreadyOwnedByYou" });
    expect((await s3.bytes("kept")).toString()).toBe("hello world");
  });
});
