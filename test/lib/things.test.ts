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
    ...[["AWS::AccountId", "123456789012"] as const, ["DeliveryRecorderFunction", "recorder"] as const],
  ]),
  attributes: new Map([
    ["DeliveryRecorderFunction.Arn", "arn:aws:lambda:eu-central-1:123456789012:function:recorder"],
    ["ThingReceiptRule.Arn", "arn:aws:iot:eu-central-1:123456789012:rule/receipts"],
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
        Actions: [{ Lambda: { FunctionArn: "arn:aws:lambda:eu-central-1:123456789012:function:recorder" } }],
      });
    },
  );

  test("that rule alone may invoke the recorder besides its URL", () => {
    const permissions = Object.values(template.findResources("AWS::Lambda::Permission"))
      .map(({ Properties }) => Object(Properties))
      .filter(({ Principal }) => Principal === "iot.amazonaws.com");
    expect(permissions).toEqual([
      {
        Action: "lambda:InvokeFunction",
        FunctionName: { Ref: "DeliveryRecorderFunction" },
        Principal: "iot.amazonaws.com",
        SourceAccount: { Ref: "AWS::AccountId" },
        SourceArn: { "Fn::GetAtt": ["ThingReceiptRule", "Arn"] },
      },
    ]);
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
