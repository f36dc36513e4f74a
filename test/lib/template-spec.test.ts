import { describe, expect, test } from "vitest";
import { ALL_SETTINGS } from "../support/all-settings.ts";
import { type CheckedTemplate, checkTemplate } from "../support/template-spec/check-template.ts";
import { templateOf } from "../support/template-under-test.ts";

const template = (settings: Record<string, unknown>) => templateOf(settings).toJSON() as CheckedTemplate;

test.each([
  ["only a project", { project: "app:1" }],
  ["every setting", ALL_SETTINGS],
])(
  "CloudFormation knows every property and reference of the template: %s",
  (_what, settings) => {
    expect(checkTemplate(template(settings))).toEqual([]);
  },
  60_000,
); // the first one loads the registry

describe("a mistake is found:", () => {
  const resource = (Type: string, Properties: object): CheckedTemplate =>
    ({ Resources: { Queue: { Type: "AWS::SQS::Queue" }, It: { Type, Properties } } }) as CheckedTemplate;

  test.each<[string, CheckedTemplate, string]>([
    ["a type", resource("AWS::S3::Buckett", {}), "It: CloudFormation has no type AWS::S3::Buckett"],
    [
      "a misspelt property",
      resource("AWS::S3::Bucket", { Bucketname: "x" }),
      "It.Bucketname: no such property",
    ],
    [
      "a misspelt nested property",
      resource("AWS::S3::Bucket", { LifecycleConfiguration: { Rules: [{ Status: "Enabled", Days: 1 }] } }),
      "It.LifecycleConfiguration.Rules[0].Days: no such property",
    ],
    ["a missing property", resource("AWS::Lambda::Url", { AuthType: "NONE" }), "It: lacks TargetFunctionArn"],
    [
      "a value of an enumeration",
      resource("AWS::S3::Bucket", { VersioningConfiguration: { Status: "On" } }),
      "It.VersioningConfiguration.Status: On is none of Enabled, Suspended",
    ],
    [
      "a text for a number",
      resource("AWS::SQS::Queue", { VisibilityTimeout: "long" }),
      "It.VisibilityTimeout: expected an integer",
    ],
    [
      "a value for a list",
      resource("AWS::SQS::QueuePolicy", { PolicyDocument: {}, Queues: "q" }),
      "It.Queues: expected an array",
    ],
    [
      "a dangling Ref",
      resource("AWS::SQS::Queue", { QueueName: { Ref: "Nobody" } }),
      "It.QueueName: Ref to Nobody, which is not in the template",
    ],
    [
      "a dangling Ref inside a function",
      resource("AWS::SQS::Queue", { QueueName: { "Fn::Join": ["", ["a", { Ref: "Nobody" }]] } }),
      "It.QueueName.Fn::Join[1][1]: Ref to Nobody, which is not in the template",
    ],
    [
      "a GetAtt of nothing",
      resource("AWS::SQS::Queue", { QueueName: { "Fn::GetAtt": ["Nobody", "Arn"] } }),
      "It.QueueName: GetAtt of Nobody, which is not in the template",
    ],
    [
      "an attribute that does not exist",
      resource("AWS::SQS::Queue", { QueueName: { "Fn::GetAtt": ["Queue", "Name"] } }),
      "It.QueueName: AWS::SQS::Queue has no attribute Name",
    ],
    [
      "a Sub of nothing",
      // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation's placeholders, not JavaScript's
      resource("AWS::SQS::Queue", { QueueName: { "Fn::Sub": "a-${Nobody}-${AWS::Region}" } }),
      "It.QueueName: Ref to Nobody, which is not in the template",
    ],
    [
      "a dependency on nothing",
      { Resources: { It: { Type: "AWS::SQS::Queue", DependsOn: ["Nobody"] } } },
      "It: depends on Nobody, which is not in the template",
    ],
    [
      "an output of nothing",
      { Resources: {}, Outputs: { Out: { Value: { Ref: "Nobody" } } } },
      "Outputs.Out.Value: Ref to Nobody, which is not in the template",
    ],
  ])("%s", (_what, broken, problem) => {
    expect(checkTemplate(broken)).toEqual([problem]);
  });
});
