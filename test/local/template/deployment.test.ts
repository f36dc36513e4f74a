import { describe, expect, test } from "vitest";
import type { CloudAssembly } from "../../../local/template/cloud-assembly.ts";
import { readDeployment } from "../../../local/template/deployment.ts";
import { TemplateError } from "../../../local/template/intrinsics.ts";

const platform = {
  region: "us-east-1",
  accountId: "000000000000",
  stackName: "Demo",
  sqsOrigin: "https://localhost:1",
  functionUrlOrigins: { FileServerUrl: "https://localhost:2", DeliveryRecorderUrl: "https://localhost:3" },
};

type Resources = Record<string, { Type: string; Properties?: Record<string, unknown> }>;

function deploy(resources: Resources, outputs: Record<string, { Value: unknown }> = {}) {
  const assembly: CloudAssembly = {
    stackName: "Demo",
    template: {
      Resources: Object.fromEntries(
        Object.entries(resources).map(([id, r]) => [id, { Type: r.Type, Properties: r.Properties ?? {} }]),
      ),
      Outputs: outputs,
    },
    assetFolders: new Map([["abc123", "/bundles/abc123"]]),
  };
  return readDeployment(assembly, platform);
}

const QUEUE = { Type: "AWS::SQS::Queue", Properties: { VisibilityTimeout: 90 } };

describe("readDeployment", () => {
  test("wires a bucket's events to a queue with its filter", () => {
    const { buckets } = deploy({
      Jobs: QUEUE,
      FilesBucket: {
        Type: "AWS::S3::Bucket",
        Properties: {
          VersioningConfiguration: { Status: "Enabled" },
          NotificationConfiguration: {
            QueueConfigurations: [
              {
                Event: "s3:ObjectCreated:*",
                Queue: { "Fn::GetAtt": ["Jobs", "Arn"] },
                Filter: { S3Key: { Rules: [{ Name: "prefix", Value: "in/" }] } },
              },
            ],
          },
        },
      },
    });
    expect(buckets).toEqual([
      {
        id: "FilesBucket",
        name: "filesbucket",
        versioning: true,
        notifications: [
          {
            targetArn: "arn:aws:sqs:us-east-1:000000000000:Jobs",
            events: ["s3:ObjectCreated:*"],
            prefix: "in/",
          },
        ],
        cors: [],
        lifecycle: [],
        policy: [],
      },
    ]);
  });

  test("takes a bucket's lifecycle rules and its own policy", () => {
    const statement = {
      Effect: "Deny",
      Principal: "*",
      Action: "s3:*",
      Resource: { "Fn::GetAtt": ["Kept", "Arn"] },
    };
    const policyOf = (id: string) => ({
      Type: "AWS::S3::BucketPolicy",
      Properties: { Bucket: { Ref: id }, PolicyDocument: { Statement: [statement] } },
    });
    const rules = [
      { Id: "old", Status: "Enabled", Prefix: "logs/", ExpirationInDays: 90 },
      { Status: "Disabled", NoncurrentVersionExpiration: { NoncurrentDays: 30, NewerNoncurrentVersions: 3 } },
      { Id: "uploads", Status: "Enabled", AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 } },
      { Id: "markers", Status: "Enabled", ExpiredObjectDeleteMarker: true },
    ];
    const { buckets } = deploy({
      Kept: { Type: "AWS::S3::Bucket", Properties: { LifecycleConfiguration: { Rules: rules } } },
      Other: { Type: "AWS::S3::Bucket" },
      KeptPolicy: policyOf("Kept"),
    });
    expect(buckets.map(({ policy }) => policy)).toEqual([
      [{ ...statement, Resource: "arn:aws:s3:::kept" }],
      [],
    ]);
    expect(buckets[0]?.lifecycle).toEqual([
      { id: "old", enabled: true, prefix: "logs/", expireAfterDays: 90 },
      { id: "rule-2", enabled: false, prefix: "", expireNoncurrentAfterDays: 30, keepNoncurrent: 3 },
      { id: "uploads", enabled: true, prefix: "", abortUploadsAfterDays: 7 },
      { id: "markers", enabled: true, prefix: "", expireDeleteMarkers: true },
    ]);
  });

  test("takes a bucket's CORS rules, and refuses what the local S3 does not do", () => {
    const rule = { AllowedOrigins: ["https://a"], AllowedMethods: ["PUT"], MaxAge: 60 };
    const bucket = (Properties: Record<string, unknown>) =>
      deploy({ B: { Type: "AWS::S3::Bucket", Properties } }).buckets[0];
    expect(bucket({ CorsConfiguration: { CorsRules: [rule] }, Tags: [] })?.cors).toEqual([
      { origins: ["https://a"], methods: ["PUT"], headers: [], expose: [], maxAgeSeconds: 60 },
    ]);
    for (const name of ["ReplicationConfiguration", "ObjectLockEnabled", "BucketName"]) {
      expect(() => bucket({ [name]: "x" })).toThrow(`B (AWS::S3::Bucket): ${name}`);
    }
  });

  test.each([
    { ExpirationInDays: 1, TagFilters: [{ Key: "a", Value: "b" }] },
    { Transitions: [{ StorageClass: "GLACIER", TransitionInDays: 1 }] },
    { ExpirationDate: "2026-01-01T00:00:00Z" },
  ])("refuses a lifecycle rule that would be carried out only in part: %j", (more) => {
    const Rules = [{ Id: "a", Status: "Enabled", ...more }];
    const bucket = { Type: "AWS::S3::Bucket", Properties: { LifecycleConfiguration: { Rules } } };
    expect(() => deploy({ B: bucket })).toThrow("LifecycleConfiguration.Rules.0");
  });

  test("refuses a notification target that is not run here, since its events would be lost", () => {
    const lambda = { NotificationConfiguration: { LambdaConfigurations: [] } };
    expect(() => deploy({ B: { Type: "AWS::S3::Bucket", Properties: lambda } })).toThrow(
      "LambdaConfigurations",
    );
  });

  test("takes a queue's times, redrive and defaults from the template", () => {
    const { queues } = deploy({
      Dead: { Type: "AWS::SQS::Queue" },
      Jobs: {
        Type: "AWS::SQS::Queue",
        Properties: {
          VisibilityTimeout: 90,
          RedrivePolicy: { deadLetterTargetArn: { "Fn::GetAtt": ["Dead", "Arn"] }, maxReceiveCount: 7 },
        },
      },
    });
    expect(queues).toMatchObject([
      { name: "Dead", visibilityTimeoutSeconds: 30, retentionSeconds: 345_600 },
      {
        name: "Jobs",
        url: "https://localhost:1/000000000000/Jobs",
        visibilityTimeoutSeconds: 90,
        redrive: { deadLetterTargetArn: "arn:aws:sqs:us-east-1:000000000000:Dead", maxReceiveCount: 7 },
      },
    ]);
  });

  test("gives a function its bundle, variables and role, and its queue", () => {
    const { functions, eventSourceMappings, rolePolicies } = deploy({
      Jobs: QUEUE,
      Role: { Type: "AWS::IAM::Role" },
      Policy: {
        Type: "AWS::IAM::Policy",
        Properties: {
          Roles: [{ Ref: "Role" }],
          PolicyDocument: { Statement: [{ Effect: "Allow", Action: "s3:GetObject", Resource: "*" }] },
        },
      },
      Fn: {
        Type: "AWS::Lambda::Function",
        Properties: {
          Code: { S3Bucket: "x", S3Key: "abc123.zip" },
          Handler: "index.handler",
          Runtime: "nodejs24.x",
          Role: { "Fn::GetAtt": ["Role", "Arn"] },
          Timeout: 10,
          Environment: { Variables: { QUEUE_URL: { Ref: "Jobs" } } },
        },
      },
      Mapping: {
        Type: "AWS::Lambda::EventSourceMapping",
        Properties: {
          EventSourceArn: { "Fn::GetAtt": ["Jobs", "Arn"] },
          FunctionName: { Ref: "Fn" },
          FunctionResponseTypes: ["ReportBatchItemFailures"],
        },
      },
    });
    const roleArn = "arn:aws:iam::000000000000:role/Role";
    expect(functions).toMatchObject([
      {
        codeDir: "/bundles/abc123",
        timeoutSeconds: 10,
        memoryMb: 128,
        roleArn,
        environment: { QUEUE_URL: "https://localhost:1/000000000000/Jobs" },
      },
    ]);
    expect(eventSourceMappings).toMatchObject([
      { functionArn: functions[0]?.arn, batchSize: 10, reportBatchItemFailures: true },
    ]);
    expect(rolePolicies).toContainEqual({
      principal: roleArn,
      statements: [{ Effect: "Allow", Action: "s3:GetObject", Resource: "*" }],
    });
  });

  test("resolves outputs", () => {
    const url = { Type: "AWS::Lambda::Url", Properties: { TargetFunctionArn: "arn:x", AuthType: "NONE" } };
    const { outputs } = deploy(
      { FileServerUrl: url },
      { RouteUrl: { Value: { "Fn::GetAtt": ["FileServerUrl", "FunctionUrl"] } } },
    );
    expect(outputs.get("RouteUrl")).toBe("https://localhost:2/");
  });

  test.each([
    [{ X: { Type: "AWS::Kinesis::Stream" } }, "does not run AWS::Kinesis::Stream"],
    [{ X: { Type: "AWS::Lambda::Url" } }, "X: the local stack has no port for this function URL"],
    [
      {
        F: {
          Type: "AWS::Lambda::Function",
          Properties: { Code: { S3Key: "zzz.zip" }, Handler: "h", Role: "r", Runtime: "nodejs24.x" },
        },
      },
      "not in the cloud assembly",
    ],
    [
      {
        P: {
          Type: "AWS::S3::BucketPolicy",
          Properties: { Bucket: "elsewhere", PolicyDocument: { Statement: [] } },
        },
      },
      "no bucket elsewhere",
    ],
    [{ Q: { Type: "AWS::SQS::Queue", Properties: { RedrivePolicy: {} } } }, "Q (AWS::SQS::Queue)"],
  ] as [Resources, string][])("names what it cannot run: %j", (resources, sentence) => {
    expect(() => deploy(resources)).toThrow(TemplateError);
    expect(() => deploy(resources)).toThrow(sentence);
  });
});
