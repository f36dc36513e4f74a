import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetBucketNotificationConfigurationCommand,
  PutBucketNotificationConfigurationCommand,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { beforeAll, expect, test, vi } from "vitest";
import { describeS3 } from "./support/describe-s3.ts";
import { post } from "./support/post-form.ts";
import { QUEUE_ARN } from "./support/target.ts";

describeS3("notifications", (s3, { ours }) => {
  beforeAll(async () => {
    const Filter = { Key: { FilterRules: [{ Name: "prefix" as const, Value: "ev/" }] } };
    await s3.client.send(
      new PutBucketNotificationConfigurationCommand({
        Bucket: s3.bucket,
        SkipDestinationValidation: true,
        NotificationConfiguration: {
          QueueConfigurations: [
            { Id: "n1", QueueArn: QUEUE_ARN, Events: ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"], Filter },
          ],
        },
      }),
    );
  });

  test("a configuration is read back", async () => {
    const read = await s3.client.send(new GetBucketNotificationConfigurationCommand({ Bucket: s3.bucket }));
    expect(read.QueueConfigurations).toMatchObject([{ Id: "n1", QueueArn: QUEUE_ARN }]);
  });

  if (!ours) return; // what another endpoint delivers cannot be seen from here

  test("every kind of change below the prefix is told", async () => {
    const { client, bucket: Bucket } = s3;
    await s3.put("elsewhere", "x");
    await s3.put("ev/a b+é.bin", "12345");
    await client.send(new CopyObjectCommand({ Bucket, Key: "ev/copy", CopySource: `${Bucket}/elsewhere` }));
    const upload = { Bucket, Key: "ev/mp" };
    const { UploadId } = await client.send(new CreateMultipartUploadCommand(upload));
    const { ETag } = await client.send(
      new UploadPartCommand({ ...upload, UploadId, PartNumber: 1, Body: "x" }),
    );
    const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
    await client.send(new CompleteMultipartUploadCommand({ ...upload, UploadId, MultipartUpload }));
    await client.send(new DeleteObjectCommand({ Bucket, Key: "ev/copy" }));
    await post(s3, { Key: "ev/form" });

    const names = () =>
      s3.target.events?.map(({ eventName, s3: { object } }) => `${eventName} ${object.key}`);
    await vi.waitFor(() => expect(names()).toHaveLength(5), 5000);
    expect(names()).toEqual(
      expect.arrayContaining([
        "ObjectCreated:Put ev/a+b%2B%C3%A9.bin",
        "ObjectCreated:Copy ev/copy",
        "ObjectCreated:CompleteMultipartUpload ev/mp",
        "ObjectRemoved:Delete ev/copy",
        "ObjectCreated:Post ev/form",
      ]),
    );
    const put = s3.target.events?.find(({ eventName }) => eventName === "ObjectCreated:Put");
    expect(put?.s3).toMatchObject({
      configurationId: "n1",
      bucket: { name: Bucket, arn: `arn:aws:s3:::${Bucket}` },
      object: { size: 5, eTag: "827ccb0eea8a706c4c34a16891f84e7b" },
    });
    expect(put?.s3.object.sequencer).toMatch(/^[0-9A-F]{18}$/);
  });
});
