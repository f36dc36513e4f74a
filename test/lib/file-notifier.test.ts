import { describe, expect, test } from "vitest";
import { readFileNotifierEnv } from "../../functions/file-notifier/env.ts";
import { resolveIntrinsics } from "../../local/template/intrinsics.ts";
import { ALL_SETTINGS } from "../support/all-settings.ts";
import { roleGrants } from "../support/role-grants.ts";
import { templateOf } from "../support/template-under-test.ts";

/** What the environment's values are made of, as a deployment has it. */
const SCOPE = {
  refs: new Map([
    ["AWS::Partition", "aws-us-gov"],
    ["AWS::Region", "us-gov-west-1"],
    ["AWS::AccountId", "123456789012"],
    ...["AnnouncementsBucket", "FilesBucket", "PackedBucket", "FileQueue", "DeliveryTable"].map(named),
    ...["DeadLetterQueue", "NotehubSecret", "LinkSecret"].map(named),
  ]),
  attributes: new Map([["FileServerUrl.FunctionUrl", "https://abc123.lambda-url.us-gov-west-1.on.aws/"]]),
};

function named(id: string): [string, string] {
  return [id, `some-${id.toLowerCase()}`];
}

const template = templateOf({ project: "app:1" });
const notifier = template.findResources("AWS::Lambda::Function").FileNotifierFunction?.Properties;

test("it may do what it does, and nothing else", () => {
  expect(roleGrants(template, "FileNotifierFunctionRole")).toEqual([
    "dynamodb:GetItem DeliveryTable.Arn",
    "dynamodb:PutItem DeliveryTable.Arn",
    "dynamodb:Query DeliveryTable.Arn/index/byFile",
    "logs:CreateLogStream FileNotifierFunctionLogs.Arn",
    "logs:PutLogEvents FileNotifierFunctionLogs.Arn",
    "s3:DeleteObject PackedBucket.Arn/manifest/*",
    "s3:DeleteObject PackedBucket.Arn/step/*",
    "s3:GetObject AnnouncementsBucket.Arn/*",
    "s3:GetObject FilesBucket.Arn/*",
    "s3:GetObject PackedBucket.Arn/*",
    "s3:GetObjectVersion FilesBucket.Arn/*",
    "s3:ListBucket AnnouncementsBucket.Arn",
    "s3:ListBucket FilesBucket.Arn",
    "s3:ListBucket PackedBucket.Arn",
    "s3:ListBucketVersions FilesBucket.Arn",
    "s3:PutObject AnnouncementsBucket.Arn/*",
    "s3:PutObject PackedBucket.Arn/*",
    "secretsmanager:GetSecretValue NotehubSecret",
    "sqs:ChangeMessageVisibility FileQueue.Arn",
    "sqs:DeleteMessage FileQueue.Arn",
    "sqs:GetQueueAttributes FileQueue.Arn",
    "sqs:ReceiveMessage FileQueue.Arn",
    "sqs:SendMessage DeadLetterQueue.Arn",
    "sqs:SendMessage FileQueue.Arn",
  ]);
});

test("it runs where and for as long as it must", () => {
  expect(notifier).toMatchObject({
    Runtime: "nodejs24.x",
    Architectures: ["arm64"],
    Handler: "index.handler",
    Timeout: 300,
    MemorySize: 1769,
    Role: { "Fn::GetAtt": ["FileNotifierFunctionRole", "Arn"] },
    LoggingConfig: { LogGroup: { Ref: "FileNotifierFunctionLogs" } },
  });
  expect(template.findResources("AWS::IAM::Role").FileNotifierFunctionRole?.Properties).toEqual({
    AssumeRolePolicyDocument: {
      Version: "2012-10-17",
      Statement: [
        { Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: "lambda.amazonaws.com" } },
      ],
    },
  });
});

describe("its variables", () => {
  const wired = {
    ANNOUNCEMENTS_BUCKET: { Ref: "AnnouncementsBucket" },
    FILES_BUCKET: { Ref: "FilesBucket" },
    PACKED_BUCKET: { Ref: "PackedBucket" },
    QUEUE_URL: { Ref: "FileQueue" },
    DELIVERY_TABLE: { Ref: "DeliveryTable" },
    DEAD_LETTER_QUEUE_URL: { Ref: "DeadLetterQueue" },
    NOTEHUB_SECRET_ARN: { Ref: "NotehubSecret" },
    NODE_OPTIONS: "--enable-source-maps",
    POWERTOOLS_SERVICE_NAME: "file-notifier",
    POWERTOOLS_METRICS_NAMESPACE: "Noteferry",
    POWERTOOLS_LOG_LEVEL: "INFO",
  };

  test("are these, when only a project is chosen", () => {
    expect(notifier.Environment.Variables).toEqual({
      ...wired,
      NOTEHUB_URL: "https://api.notefile.net",
      NOTEHUB_PROJECT_UID: "app:1",
      MAX_RECEIVES: "1000",
      MAX_FILE_BYTES: "5368709120",
      FLEET_ANNOUNCEMENTS: "variable",
      NOTEHUB_CALLS_PER_MINUTE: "7",
      PRUNE: "false",
      PATCH_MAX_BYTES: "2097152",
      ZSTD_MAX_BYTES: "67108864",
      PACK_SECONDS: "60",
    });
  });

  test("are these, when everything is chosen", () => {
    const chosen = templateOf(ALL_SETTINGS).findResources("AWS::Lambda::Function").FileNotifierFunction;
    expect(chosen?.Properties.Environment.Variables).toEqual({
      ...wired,
      NOTEHUB_URL: "https://notehub.example.com",
      POWERTOOLS_METRICS_NAMESPACE: "Noteferry-staging",
      NOTEHUB_PROJECT_UID: "app:2606f411-dea6-44a0-9743-1130f57d77d8",
      DEFAULT_TARGET: "fleet:5b0d7c58",
      FLEET_ANNOUNCEMENTS: "both",
      NOTEHUB_CALLS_PER_MINUTE: "60",
      PRUNE: "true",
      STAGE: "staging",
      MAX_RECEIVES: "1000",
      MAX_FILE_BYTES: "1000000",
      IOT_ARN_PREFIX: expect.anything(),
      IOT_JOB_SETTINGS: expect.any(String),
      FILE_SERVER_URL: expect.anything(),
      LINK_SECRET_ARN: { Ref: "LinkSecret" },
    });
  });

  test.each([{ project: "app:1" }, ALL_SETTINGS])("are what the function reads: %o", (settings) => {
    const { Variables } =
      templateOf(settings).findResources("AWS::Lambda::Function").FileNotifierFunction?.Properties
        .Environment ?? {};
    const deployed = Object.entries(Variables).map(([name, value]) => [
      name,
      String(resolveIntrinsics(value, SCOPE, name)),
    ]);
    expect(() => readFileNotifierEnv(Object.fromEntries(deployed))).not.toThrow();
  });
});

test("with packing switched off it packs manifests alone, and is as large as it was", () => {
  const off = templateOf({ project: "app:1", packing: "off" });
  expect(roleGrants(off, "FileNotifierFunctionRole")).toEqual(
    roleGrants(template, "FileNotifierFunctionRole"),
  );
  const { MemorySize, Environment } =
    off.findResources("AWS::Lambda::Function").FileNotifierFunction?.Properties ?? {};
  expect(MemorySize).toBe(1024);
  expect(
    Object.keys(Environment.Variables)
      .filter((name) => /PACK|BYTES/.test(name))
      .sort(),
  ).toEqual(["MAX_FILE_BYTES", "PACKED_BUCKET"]);
});

test("what is known of fleets, and their manifests, never expires [NF-11.6]", () => {
  const { AnnouncementsBucket, PackedBucket } = template.findResources("AWS::S3::Bucket");
  const prefixes = [AnnouncementsBucket, PackedBucket].map((bucket) =>
    bucket?.Properties.LifecycleConfiguration.Rules.map(({ Prefix }: { Prefix?: string }) => Prefix),
  );
  expect(prefixes).toEqual([["announcements/"], ["zstd/", "patch/", "attempts/"]]);
});

test("it takes ten messages at a time, reports each, and does not crowd Notehub", () => {
  expect(
    Object.values(template.findResources("AWS::Lambda::EventSourceMapping")).map(
      ({ Properties }) => Properties,
    ),
  ).toEqual([
    {
      EventSourceArn: { "Fn::GetAtt": ["FileQueue", "Arn"] },
      FunctionName: { Ref: "FileNotifierFunction" },
      BatchSize: 10,
      FunctionResponseTypes: ["ReportBatchItemFailures"],
      ScalingConfig: { MaximumConcurrency: 2 },
    },
  ]);
});

test("the template never holds, makes or overwrites Notehub's token", () => {
  const secret = template.findResources("AWS::SecretsManager::Secret").NotehubSecret;
  expect(Object.keys(secret?.Properties)).toEqual(["Description"]);
});

test.each([
  [{ project: "app:1" }, 90],
  [ALL_SETTINGS, 30],
])("logs are kept for as long as chosen: %#", (settings, days) => {
  const groups = Object.values(templateOf(settings).findResources("AWS::Logs::LogGroup"));
  expect(groups.map(({ Properties }) => Properties.RetentionInDays)).toEqual([days, days, days]);
});
