import { describe, expect, test } from "vitest";
import { readDeployment } from "../../../local/template/deployment.ts";
import { TemplateError } from "../../../local/template/intrinsics.ts";

const PLATFORM = {
  ...{ region: "us-east-1", accountId: "000000000000", stackName: "Demo" },
  ...{ sqsOrigin: "https://localhost:1", functionUrlOrigins: {} },
};

describe("rules", () => {
  const target = { Id: "Target0", Arn: { "Fn::GetAtt": ["Jobs", "Arn"] }, Input: '{"do":"sweep"}' };
  const rules = (properties: Record<string, unknown>) => {
    const Properties = {
      ScheduleExpression: "rate(1 day)",
      State: "ENABLED",
      Targets: [target],
      ...properties,
    };
    const template = {
      Resources: {
        Jobs: { Type: "AWS::SQS::Queue", Properties: {} },
        Daily: { Type: "AWS::Events::Rule", Properties },
      },
      Outputs: {},
    };
    return readDeployment({ stackName: "Demo", template, assetFolders: new Map() }, PLATFORM).rules;
  };

  test("send an input to queues at a rate, unless they are disabled", () => {
    expect(rules({ Description: "daily" })).toEqual([
      {
        ...{ id: "Daily", arn: "arn:aws:events:us-east-1:000000000000:rule/Daily", everySeconds: 86_400 },
        targets: [{ queueArn: "arn:aws:sqs:us-east-1:000000000000:Jobs", input: '{"do":"sweep"}' }],
      },
    ]);
    expect(rules({ State: "DISABLED" })).toEqual([]);
  });

  test.each<[Record<string, unknown>, string]>([
    [{ ScheduleExpression: "cron(0 3 * * ? *)" }, "not cron(0 3 * * ? *)"],
    [{ ScheduleExpression: undefined }, "ScheduleExpression"],
    [{ EventPattern: { source: ["aws.s3"] } }, "EventPattern"],
    [{ EventBusName: "other" }, "EventBusName"],
    [{ State: "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS" }, "State"],
    [{ Targets: [] }, "Targets"],
    [{ Targets: [{ ...target, Input: undefined }] }, "Targets.0.Input"],
    [{ Targets: [{ ...target, Input: "sweep" }] }, "Targets.0.Input must be JSON"],
    [{ Targets: [{ ...target, Input: `"${"x".repeat(8192)}"` }] }, "Targets.0.Input has at most"],
    [{ Targets: [{ ...target, InputPath: "$.detail" }] }, "Targets.0.InputPath"],
    [{ Targets: [{ ...target, DeadLetterConfig: { Arn: "arn" } }] }, "Targets.0.DeadLetterConfig"],
    [{ Targets: [{ ...target, SqsParameters: { MessageGroupId: "a" } }] }, "Targets.0.SqsParameters"],
    [
      { Targets: [{ ...target, Arn: "arn:aws:lambda:x:0:function:f" }] },
      "no queue arn:aws:lambda:x:0:function:f",
    ],
  ])("with %j are refused by name", (properties, named) => {
    const given = Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== undefined));
    const without = Object.keys(properties).filter((name) => properties[name] === undefined);
    const run = () =>
      rules({ ...given, ...Object.fromEntries(without.map((name) => [name, { Ref: "AWS::NoValue" }])) });
    expect(run).toThrow(TemplateError);
    expect(run).toThrow(/^Daily/);
    expect(run).toThrow(named);
  });
});
