import { describe, expect, test } from "vitest";
import { readJobSettings } from "../../functions/file-notifier/carrier/iot/job-settings.ts";
import { resolveIntrinsics } from "../../local/template/intrinsics.ts";
import { ALL_SETTINGS } from "../support/all-settings.ts";
import { roleGrants } from "../support/role-grants.ts";
import { templateOf } from "../support/template-under-test.ts";

const PROJECT = { project: "app:1" };
const ON = { ...PROJECT, iot: "on" };
const textOf = (settings: Record<string, unknown>) => JSON.stringify(templateOf(settings).toJSON());

describe("with the setting iot off", () => {
  test("the template is the same, byte for byte, as one that never heard of it", () => {
    const { iotRollout, iotAbort, iotRetry, iotTimeoutMinutes } = ALL_SETTINGS;
    const told = { iotTargetSelection: "SNAPSHOT", iotRollout, iotAbort, iotRetry, iotTimeoutMinutes };
    expect(textOf({ ...PROJECT, iot: "off", ...told })).toBe(textOf(PROJECT));
  });

  test("nothing of AWS IoT is in it, and no function knows the link secret but the server", () => {
    expect(textOf(PROJECT)).not.toMatch(/IoT|IOT|\biot\b|thing/);
    expect(textOf(ON)).toMatch(/AWS::IoT::TopicRule/);
    expect(roleGrants(templateOf(PROJECT), "FileNotifierFunctionRole").join()).not.toMatch(/LinkSecret|iot/);
  });
});

const template = templateOf(ON);
const scope = {
  refs: new Map([
    ...[["AWS::Partition", "aws"] as const, ["AWS::Region", "eu-central-1"] as const],
    ...[["AWS::AccountId", "123456789012"] as const, ["ThingReceiptQueue", "https://sqs/receipts"] as const],
  ]),
  attributes: new Map([
    ["ThingReceiptQueue.Arn", "arn:aws:sqs:eu-central-1:123456789012:receipts"],
    ["ThingReceiptRuleRole.Arn", "arn:aws:iam::123456789012:role/sender"],
  ]),
};
const only = (type: string, from = template) => {
  const [resource, ...more] = Object.values(from.findResources(type));
  expect(more).toEqual([]);
  return Object(resolveIntrinsics(resource?.Properties, scope, type));
};
const arn = (rest: string) => `arn:aws:iot:eu-central-1:123456789012:${rest}`;

describe("with the setting iot on", () => {
  test("the notifier may make and cancel our jobs, and read the link secret, and no more than before", () => {
    const before = roleGrants(templateOf(PROJECT), "FileNotifierFunctionRole");
    const added = roleGrants(template, "FileNotifierFunctionRole").filter((each) => !before.includes(each));
    const prefix = "arn:AWS::Partition:iot:AWS::Region:AWS::AccountId:";
    expect(added.map((each) => each.replaceAll(/\{Ref:(AWS::\w+)\}/g, "$1"))).toEqual([
      `iot:CancelJob ${prefix}job/nf-*`,
      `iot:CreateJob ${prefix}job/nf-*`,
      `iot:CreateJob ${prefix}thing/*`,
      `iot:CreateJob ${prefix}thinggroup/*`,
      "secretsmanager:GetSecretValue LinkSecret",
    ]);
  });

  test("a device may be itself, have its own jobs and publish its own receipts, and no more", () => {
    const own = `\${iot:Connection.Thing.ThingName}`;
    const jobs = `$aws/things/${own}/jobs/*`;
    expect(only("AWS::IoT::Policy")).toEqual({
      PolicyDocument: {
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Action: "iot:Connect",
            Resource: [arn(`client/${own}`)],
            Condition: { Bool: { "iot:Connection.Thing.IsAttached": ["true"] } },
          },
          { Effect: "Allow", Action: "iot:Subscribe", Resource: [arn(`topicfilter/${jobs}`)] },
          { Effect: "Allow", Action: "iot:Receive", Resource: [arn(`topic/${jobs}`)] },
          {
            Effect: "Allow",
            Action: "iot:Publish",
            Resource: [arn(`topic/${jobs}`), arn(`topic/noteferry/things/${own}/receipts`)],
          },
        ],
      },
    });
  });

  test.each([
    ["noteferry", ON],
    ["noteferry-staging", { ...ON, stage: "staging" }],
  ])(
    "whose a receipt below %s is, its topic says, and the body goes on as it came [NF-13.6]",
    (prefix, settings) => {
      const { TopicRulePayload } = only("AWS::IoT::TopicRule", templateOf(settings));
      expect(TopicRulePayload).toMatchObject({
        Sql: `SELECT encode(*, 'base64') AS body, topic(3) AS thing, timestamp() AS received FROM '${prefix}/things/+/receipts'`,
        AwsIotSqlVersion: "2016-03-23",
        Actions: [
          {
            Sqs: {
              QueueUrl: "https://sqs/receipts",
              RoleArn: "arn:aws:iam::123456789012:role/sender",
              UseBase64: false,
            },
          },
        ],
      });
    },
  );

  test("AWS IoT alone may take on the rule's role, for a rule of this account, and only send to that queue", () => {
    const role = template.findResources("AWS::IAM::Role").ThingReceiptRuleRole?.Properties;
    expect(resolveIntrinsics(role, scope, "role")).toEqual({
      Description: expect.any(String),
      AssumeRolePolicyDocument: {
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Action: "sts:AssumeRole",
            Principal: { Service: "iot.amazonaws.com" },
            Condition: {
              StringEquals: { "aws:SourceAccount": "123456789012" },
              ArnLike: { "aws:SourceArn": arn("rule/*") },
            },
          },
        ],
      },
      Policies: [
        {
          PolicyName: "Send",
          PolicyDocument: {
            Version: "2012-10-17",
            Statement: [
              {
                Effect: "Allow",
                Action: "sqs:SendMessage",
                Resource: "arn:aws:sqs:eu-central-1:123456789012:receipts",
              },
            ],
          },
        },
      ],
    });
    const attached = Object.values(template.findResources("AWS::IAM::Policy"));
    expect(JSON.stringify(attached.map(({ Properties }) => Properties.Roles))).not.toContain(
      "ThingReceiptRuleRole",
    );
  });

  test("the queue keeps what cannot be recorded, and gives it in batches whose messages fail one by one", () => {
    const { Timeout } =
      template.findResources("AWS::Lambda::Function").DeliveryRecorderFunction?.Properties ?? {};
    const queues = template.findResources("AWS::SQS::Queue");
    const FOURTEEN_DAYS = 14 * 24 * 3600;
    expect(queues.ThingReceiptQueue?.Properties).toEqual({
      ...{
        MessageRetentionPeriod: FOURTEEN_DAYS,
        VisibilityTimeout: 6 * Timeout,
        SqsManagedSseEnabled: true,
      },
      RedrivePolicy: {
        deadLetterTargetArn: { "Fn::GetAtt": ["ThingReceiptDeadLetterQueue", "Arn"] },
        maxReceiveCount: 1000,
      },
    });
    expect(queues.ThingReceiptDeadLetterQueue?.Properties).toEqual({
      ...{ MessageRetentionPeriod: FOURTEEN_DAYS, SqsManagedSseEnabled: true },
    });
    template.hasResourceProperties("AWS::Lambda::EventSourceMapping", {
      EventSourceArn: { "Fn::GetAtt": ["ThingReceiptQueue", "Arn"] },
      FunctionName: { Ref: "DeliveryRecorderFunction" },
      ...{ BatchSize: 10, FunctionResponseTypes: ["ReportBatchItemFailures"] },
      ScalingConfig: { MaximumConcurrency: 4 },
    });
  });

  test("the recorder may take from that queue, and no more than before; nobody calls it but its URL", () => {
    const before = roleGrants(templateOf(PROJECT), "DeliveryRecorderFunctionRole");
    const added = roleGrants(template, "DeliveryRecorderFunctionRole").filter(
      (each) => !before.includes(each),
    );
    expect(added).toEqual(
      ["DeleteMessage", "GetQueueAttributes", "ReceiveMessage"].map(
        (action) => `sqs:${action} ThingReceiptQueue.Arn`,
      ),
    );
    const callers = Object.values(template.findResources("AWS::Lambda::Permission"));
    expect(callers.filter(({ Properties }) => Properties.Principal !== "*")).toEqual([]);
  });

  test("how jobs are carried out reaches the notifier by CreateJob's names", () => {
    const settingsOf = (settings: Record<string, unknown>) => {
      const notifier = templateOf(settings).findResources("AWS::Lambda::Function").FileNotifierFunction;
      return readJobSettings(notifier?.Properties.Environment.Variables.IOT_JOB_SETTINGS);
    };
    expect(settingsOf(ON)).toEqual({ targetSelection: "CONTINUOUS" });
    expect(settingsOf(ALL_SETTINGS)).toEqual({
      targetSelection: "SNAPSHOT",
      jobExecutionsRolloutConfig: ALL_SETTINGS.iotRollout,
      abortConfig: { criteriaList: [{ ...ALL_SETTINGS.iotAbort[0], action: "CANCEL" }] },
      jobExecutionsRetryConfig: { criteriaList: ALL_SETTINGS.iotRetry },
      timeoutConfig: { inProgressTimeoutInMinutes: 1440 },
    });
  });
});
