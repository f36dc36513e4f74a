import { expect, test } from "vitest";
import { parseMessage } from "../../functions/file-notifier/message/message.ts";
import { templateOf } from "../support/template-under-test.ts";

const template = templateOf({ project: "app:1" });
const FOURTEEN_DAYS = 14 * 24 * 3600;

test("the queue tries for as long as SQS can, and keeps what failed", () => {
  expect(template.findResources("AWS::SQS::Queue")).toEqual({
    FileQueue: {
      Type: "AWS::SQS::Queue",
      Properties: {
        MessageRetentionPeriod: FOURTEEN_DAYS,
        VisibilityTimeout: 1800,
        SqsManagedSseEnabled: true,
        RedrivePolicy: {
          deadLetterTargetArn: { "Fn::GetAtt": ["DeadLetterQueue", "Arn"] },
          maxReceiveCount: 1000,
        },
      },
      UpdateReplacePolicy: "Delete",
      DeletionPolicy: "Delete",
    },
    DeadLetterQueue: {
      Type: "AWS::SQS::Queue",
      Properties: { MessageRetentionPeriod: FOURTEEN_DAYS, SqsManagedSseEnabled: true },
      UpdateReplacePolicy: "Delete",
      DeletionPolicy: "Delete",
    },
  });
});

test("a message stays hidden for six times the notifier's time-out", () => {
  const { Timeout } = template.findResources("AWS::Lambda::Function").FileNotifierFunction?.Properties ?? {};
  template.hasResourceProperties("AWS::SQS::Queue", { VisibilityTimeout: 6 * Timeout });
});

test("S3 may send, from this account alone, and the daily rule; only over TLS", () => {
  const arn = { "Fn::GetAtt": ["FileQueue", "Arn"] };
  const policies = template.findResources("AWS::SQS::QueuePolicy", {
    Properties: { Queues: [{ Ref: "FileQueue" }] },
  });
  expect(Object.values(policies).map((policy) => policy.Properties.PolicyDocument.Statement)).toEqual([
    [
      {
        Effect: "Deny",
        Principal: { AWS: "*" },
        Action: "sqs:*",
        Resource: arn,
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
      {
        Effect: "Allow",
        Principal: { Service: "s3.amazonaws.com" },
        Action: "sqs:SendMessage",
        Resource: arn,
        Condition: { StringEquals: { "aws:SourceAccount": { Ref: "AWS::AccountId" } } },
      },
      {
        Effect: "Allow",
        Principal: { Service: "events.amazonaws.com" },
        Action: "sqs:SendMessage",
        Resource: arn,
        Condition: { ArnEquals: { "aws:SourceArn": { "Fn::GetAtt": ["SweepRule", "Arn"] } } },
      },
    ],
  ]);
});

test("the bucket itself notifies the queue of all that comes and goes, once it may [NF-8.6]", () => {
  const bucket = template.findResources("AWS::S3::Bucket").FilesBucket;
  const [policyId] = Object.keys(
    template.findResources("AWS::SQS::QueuePolicy", { Properties: { Queues: [{ Ref: "FileQueue" }] } }),
  );
  expect(bucket?.Properties.NotificationConfiguration).toEqual({
    QueueConfigurations: ["s3:ObjectCreated:*", "s3:ObjectRemoved:*", "s3:LifecycleExpiration:*"].map(
      (Event) => ({ Event, Queue: { "Fn::GetAtt": ["FileQueue", "Arn"] } }),
    ),
  });
  expect(bucket?.DependsOn).toEqual([policyId]);
});

test("once a day a message asks for the sweep [NF-11.14]", () => {
  expect(template.findResources("AWS::Events::Rule")).toEqual({
    SweepRule: {
      Type: "AWS::Events::Rule",
      Properties: {
        Description: "Has the notifier compare what fleets were told with what the bucket holds",
        ScheduleExpression: "rate(1 day)",
        State: "ENABLED",
        Targets: [{ Id: "FileQueue", Arn: { "Fn::GetAtt": ["FileQueue", "Arn"] }, Input: '{"sweep":{}}' }],
      },
    },
  });
  expect(parseMessage('{"sweep":{}}')).toMatchObject([{ kind: "sweep", ask: { prefix: "" } }]);
});

test("nothing is deployed but what this project wrote", () => {
  const types = Object.values(template.toJSON().Resources as Record<string, { Type: string }>);
  expect(types.filter(({ Type }) => /^Custom::|^AWS::CloudFormation::|^AWS::CDK::/.test(Type))).toEqual([]);
  template.resourceCountIs("AWS::Lambda::Function", 3);
});
