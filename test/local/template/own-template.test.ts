import { beforeAll, expect, test } from "vitest";
import { type Deployment, readDeployment } from "../../../local/template/deployment.ts";
import { templateOf } from "../../support/template-under-test.ts";

let deployment: Deployment;
beforeAll(() => {
  const { Resources, Outputs } = templateOf({ project: "app:0" }).toJSON();
  const bundles = Object.values<{ Type: string; Properties: { Code?: { S3Key: string } } }>(Resources)
    .map(({ Properties }) => Properties.Code?.S3Key.replace(/\.zip$/, ""))
    .filter((hash) => hash !== undefined);
  deployment = readDeployment(
    {
      stackName: "Noteferry",
      template: { Resources, Outputs },
      assetFolders: new Map(bundles.map((hash) => [hash, "/bundle"])),
    },
    {
      region: "us-east-1",
      accountId: "000000000000",
      stackName: "Noteferry",
      sqsOrigin: "https://localhost:1",
      functionUrlOrigins: {
        FileServerUrl: "https://localhost:2",
        DeliveryRecorderUrl: "https://localhost:3",
      },
    },
  );
});

const bucket = (id: string) => deployment.buckets.find((each) => each.id === id);

test("the files bucket keeps what is current, and forgets the rest by the rules of the template", () => {
  expect(bucket("FilesBucket")?.lifecycle).toEqual([
    { id: "unfinished-uploads", enabled: true, prefix: "", abortUploadsAfterDays: 7 },
    { id: "replaced-versions", enabled: true, prefix: "", expireNoncurrentAfterDays: 90, keepNoncurrent: 3 },
    { id: "deleted-files", enabled: true, prefix: "", expireDeleteMarkers: true },
  ]);
});

test("announcements are forgotten in the end", () => {
  expect(bucket("AnnouncementsBucket")?.lifecycle).toMatchObject([{ expireAfterDays: 120 }]);
});

test.each(["FilesBucket", "AnnouncementsBucket"])("%s is denied to who does not come over TLS", (id) => {
  expect(bucket(id)?.policy).toEqual([
    {
      Effect: "Deny",
      Principal: { AWS: "*" },
      Action: "s3:*",
      Resource: [`arn:aws:s3:::${id.toLowerCase()}`, `arn:aws:s3:::${id.toLowerCase()}/*`],
      Condition: { Bool: { "aws:SecureTransport": "false" } },
    },
  ]);
});
