import {
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteBucketPolicyCommand,
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketLocationCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  PutBucketEncryptionCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketPolicyCommand,
  PutPublicAccessBlockCommand,
  paginateListBuckets,
} from "@aws-sdk/client-s3";
import { expect, test } from "vitest";
import { describeS3 } from "./support/describe-s3.ts";
import { errorOf } from "./support/error-of.ts";

describeS3("buckets", (s3) => {
  test("exist, are listed, and are not deleted while they hold something", async () => {
    const bucket = { Bucket: s3.bucket };
    await s3.client.send(new HeadBucketCommand(bucket));
    await s3.client.send(new GetBucketLocationCommand(bucket));
    const { Buckets } = await s3.client.send(new ListBucketsCommand({}));
    expect(Buckets?.map(({ Name }) => Name)).toContain(s3.bucket);
    await s3.put("something");
    const refusal = await errorOf(s3.client.send(new DeleteBucketCommand(bucket)));
    expect(refusal).toEqual({ status: 409, name: "BucketNotEmpty" });
  });

  test("are listed below a prefix, over pages", async () => {
    const names = ["1", "2", "3"].map((suffix) => `${s3.bucket}-${suffix}`);
    for (const Bucket of names) await s3.client.send(new CreateBucketCommand({ Bucket }));
    const found: (string | undefined)[] = [];
    const pages = paginateListBuckets({ client: s3.client, pageSize: 2 }, { Prefix: `${s3.bucket}-` });
    for await (const { Buckets } of pages) found.push(...(Buckets ?? []).map(({ Name }) => Name));
    expect(found).toEqual(names);
    for (const Bucket of names) await s3.client.send(new DeleteBucketCommand({ Bucket }));
  });

  test("an unfinished upload does not hold a bucket", async () => {
    const Bucket = `${s3.bucket}-unfinished`;
    await s3.client.send(new CreateBucketCommand({ Bucket }));
    await s3.client.send(new CreateMultipartUploadCommand({ Bucket, Key: "never" }));
    await s3.client.send(new DeleteBucketCommand({ Bucket }));
  });

  test("ACLs that would open something are refused", async () => {
    const refused = { status: 400, name: "AccessControlListNotSupported" };
    expect(await errorOf(s3.put("open", "x", { ACL: "public-read" }))).toEqual(refused);
    expect(await errorOf(s3.put("open", "x", { GrantRead: 'id="somebody"' }))).toEqual(refused);
    await s3.put("closed", "x", { ACL: "bucket-owner-full-control" });
  });

  test("a name that is none is refused", async () => {
    const refusal = await errorOf(s3.client.send(new CreateBucketCommand({ Bucket: "Bad_Bucket" })));
    expect(refusal.status).toBe(400);
  });

  test("lifecycle, policy, encryption and public access are configured", async () => {
    const { client, bucket: Bucket } = s3;
    const rule = { ID: "x", Status: "Enabled" as const, Filter: { Prefix: "tmp/" }, Expiration: { Days: 1 } };
    await client.send(
      new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules: [rule] } }),
    );
    const lifecycle = await client.send(new GetBucketLifecycleConfigurationCommand({ Bucket }));
    expect(lifecycle.Rules).toMatchObject([rule]);

    const statement = {
      Sid: "a",
      Effect: "Allow",
      Principal: "*",
      Action: "s3:GetObject",
      Resource: `arn:aws:s3:::${Bucket}/public/*`,
    };
    const Policy = JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
    await client.send(new PutBucketPolicyCommand({ Bucket, Policy }));
    await client.send(new DeleteBucketPolicyCommand({ Bucket }));

    const encryption = {
      Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" as const } }],
    };
    await client.send(
      new PutBucketEncryptionCommand({ Bucket, ServerSideEncryptionConfiguration: encryption }),
    );
    const encrypted = await client.send(new GetBucketEncryptionCommand({ Bucket }));
    expect(encrypted.ServerSideEncryptionConfiguration).toMatchObject(encryption);

    const PublicAccessBlockConfiguration = { BlockPublicAcls: true };
    await client.send(new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration }));
  });
});
