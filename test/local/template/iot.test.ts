import { describe, expect, test } from "vitest";
import { readDeployment } from "../../../local/template/deployment.ts";
import { TemplateError } from "../../../local/template/intrinsics.ts";

type Resources = Record<string, { Type: string; Properties: Record<string, unknown> }>;

function deploy(Resources: Resources) {
  return readDeployment(
    { stackName: "Demo", template: { Resources, Outputs: {} }, assetFolders: new Map() },
    {
      ...{ region: "us-east-1", accountId: "000000000000", stackName: "Demo" },
      ...{ sqsOrigin: "https://localhost:1", functionUrlOrigins: {} },
    },
  );
}

const PAYLOAD = {
  Sql: "SELECT * FROM 'r'",
  AwsIotSqlVersion: "2016-03-23",
  Actions: [{ Sqs: { QueueUrl: { Ref: "Queue" }, RoleArn: "arn:r" } }],
};
const QUEUE = { Queue: { Type: "AWS::SQS::Queue", Properties: {} } };
const rule = (payload: object, more: object = {}) => ({
  ...QUEUE,
  Rule: {
    Type: "AWS::IoT::TopicRule",
    Properties: { TopicRulePayload: { ...PAYLOAD, ...payload }, ...more },
  },
});

describe("the template's AWS IoT", () => {
  test("has what devices may do from every policy, with their variables", () => {
    const Resource = { "Fn::Sub": `arn:aws:iot:\${AWS::Region}:\${AWS::AccountId}:client/\${!iot:ClientId}` };
    const policy = (Action: string) => ({
      Type: "AWS::IoT::Policy",
      Properties: {
        PolicyDocument: { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action, Resource }] },
      },
    });
    const { iotStatements } = deploy({ A: policy("iot:Connect"), B: policy("iot:Publish") });
    expect(iotStatements).toEqual([
      {
        ...{ Effect: "Allow", Action: "iot:Connect" },
        Resource: `arn:aws:iot:us-east-1:000000000000:client/\${iot:ClientId}`,
      },
      expect.objectContaining({ Action: "iot:Publish" }),
    ]);
  });

  test("has the rules that are not disabled, by their names", () => {
    const arn = "arn:aws:iot:us-east-1:000000000000:rule/";
    const target = { queueArn: "arn:aws:sqs:us-east-1:000000000000:Queue", roleArn: "arn:r" };
    expect(deploy(rule({})).topicRules).toEqual([
      {
        ...{ id: "Rule", name: "Rule", arn: `${arn}Rule`, sql: "SELECT * FROM 'r'" },
        targets: [{ ...target, useBase64: false }],
      },
    ]);
    expect(deploy(rule({}, { RuleName: "receipts" })).topicRules).toMatchObject([{ arn: `${arn}receipts` }]);
    expect(deploy(rule({ RuleDisabled: true })).topicRules).toEqual([]);
  });

  test.each([
    [rule({ Actions: [{ Lambda: { FunctionArn: "arn:f" } }] }), "Rule (AWS::IoT::TopicRule)"],
    [
      rule({ Actions: [{ Sqs: { QueueUrl: "https://q", RoleArn: "r" } }] }),
      "Rule: the template has no queue https://q",
    ],
    [rule({ ErrorAction: { Lambda: { FunctionArn: "f" } } }), "ErrorAction"],
    [rule({ AwsIotSqlVersion: undefined }), "AwsIotSqlVersion"],
    [{ Thing: { Type: "AWS::IoT::Thing", Properties: {} } }, "does not run AWS::IoT::Thing"],
  ] as [Resources, string][])("names what it cannot run: %j", (resources, sentence) => {
    expect(() => deploy(resources)).toThrow(TemplateError);
    expect(() => deploy(resources)).toThrow(sentence);
  });
});
