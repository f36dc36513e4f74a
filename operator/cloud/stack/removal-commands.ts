import type { KeptResource } from "./kept-resources.ts";

/** How a person removes what outlives a stack; undefined for what is of no type that is known here. */
export function removalCommands({ type, name }: KeptResource, region: string): string[] | undefined {
  if (type === "AWS::DynamoDB::Table")
    return [`aws dynamodb delete-table --region ${region} --table-name ${name}`];
  if (type !== "AWS::S3::Bucket") return undefined;
  // A bucket goes only empty, and one that keeps versions is emptied version by version: S3 does that itself, within a day.
  const rule = JSON.stringify({
    Rules: [
      {
        ...{ ID: "empty", Status: "Enabled", Filter: {}, Expiration: { Days: 1 } },
        ...{
          NoncurrentVersionExpiration: { NoncurrentDays: 1 },
          AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
        },
      },
      { ID: "markers", Status: "Enabled", Filter: {}, Expiration: { ExpiredObjectDeleteMarker: true } },
    ],
  });
  return [
    `aws s3api put-bucket-lifecycle-configuration --region ${region} --bucket ${name} --lifecycle-configuration '${rule}'`,
    `aws s3api delete-bucket --region ${region} --bucket ${name}    # some two days later, when it is empty`,
  ];
}
