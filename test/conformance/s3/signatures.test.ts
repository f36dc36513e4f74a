import { GetObjectCommand, HeadBucketCommand } from "@aws-sdk/client-s3";
import { expect, test } from "vitest";
import { describeS3 } from "./support/describe-s3.ts";
import { errorOf } from "./support/error-of.ts";

describeS3("signatures", (s3) => {
  test("an unsigned request is refused", async () => {
    await s3.put("object");
    expect((await s3.http(`${s3.target.endpoint}/${s3.bucket}/object`)).status).toBe(403);
  });

  test("a wrong secret is refused", async () => {
    const { accessKeyId } = s3.target;
    const stranger = s3.connect({ credentials: { accessKeyId, secretAccessKey: "wrong" } });
    const refusal = await errorOf(stranger.send(new GetObjectCommand({ Bucket: s3.bucket, Key: "object" })));
    expect(refusal).toEqual({ status: 403, name: "SignatureDoesNotMatch" });
  });

  test("an unknown access key is refused", async () => {
    const stranger = s3.connect({ credentials: { accessKeyId: "AKIDNOBODY", secretAccessKey: "x" } });
    const refusal = await errorOf(stranger.send(new GetObjectCommand({ Bucket: s3.bucket, Key: "object" })));
    expect(refusal).toEqual({ status: 403, name: "InvalidAccessKeyId" });
  });

  test("a clock that is 20 minutes late is refused", async () => {
    const late = s3.connect({ systemClockOffset: -20 * 60_000 });
    expect((await errorOf(late.send(new HeadBucketCommand({ Bucket: s3.bucket })))).status).toBe(403);
  });
});
