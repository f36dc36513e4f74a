import { describe, expect, test } from "vitest";
import { checkGrants } from "../../../local/stack/check-grants.ts";
import { readDeployment } from "../../../local/template/deployment.ts";
import { TemplateError } from "../../../local/template/intrinsics.ts";

const RULE_ARN = { "Fn::GetAtt": ["Receipts", "Arn"] };
const FUNCTION_ARN = { "Fn::GetAtt": ["Recorder", "Arn"] };

/** A template with a rule that calls a function, and with this permission. */
function deploy(permission: Record<string, unknown> | undefined) {
  const resources = {
    Recorder: {
      Type: "AWS::Lambda::Function",
      Properties: { Code: { S3Key: "abc.zip" }, Handler: "index.handler", Role: "r", Runtime: "nodejs24.x" },
    },
    Receipts: {
      Type: "AWS::IoT::TopicRule",
      Properties: {
        TopicRulePayload: {
          ...{ Sql: "SELECT * FROM 'r'", AwsIotSqlVersion: "2016-03-23" },
          Actions: [{ Lambda: { FunctionArn: FUNCTION_ARN } }],
        },
      },
    },
    ...(permission === undefined ? {} : { P: { Type: "AWS::Lambda::Permission", Properties: permission } }),
  };
  return readDeployment(
    {
      stackName: "Demo",
      template: { Resources: resources, Outputs: {} },
      assetFolders: new Map([["abc", "/b"]]),
    },
    {
      ...{ region: "us-east-1", accountId: "000000000000", stackName: "Demo" },
      ...{ sqsOrigin: "https://localhost:1", functionUrlOrigins: {} },
    },
  );
}

const PERMISSION = {
  Action: "lambda:InvokeFunction",
  FunctionName: FUNCTION_ARN,
  Principal: "iot.amazonaws.com",
  SourceArn: RULE_ARN,
  SourceAccount: { Ref: "AWS::AccountId" },
};

describe("checkGrants", () => {
  test("is content where a function lets the rule call it", () => {
    checkGrants(deploy(PERMISSION), () => true);
    checkGrants(deploy({ ...PERMISSION, SourceArn: undefined, SourceAccount: undefined }), () => true);
  });

  test.each([
    [undefined],
    [{ ...PERMISSION, Principal: "s3.amazonaws.com" }],
    [{ ...PERMISSION, Action: "lambda:InvokeFunctionUrl" }],
    [{ ...PERMISSION, SourceArn: "arn:aws:iot:us-east-1:000000000000:rule/Other" }],
    [{ ...PERMISSION, SourceAccount: "111111111111" }],
    [{ ...PERMISSION, FunctionName: "Other" }],
  ])("refuses a rule whose function has %j", (permission) => {
    expect(() => checkGrants(deploy(permission), () => true)).toThrow(TemplateError);
    expect(() => checkGrants(deploy(permission), () => true)).toThrow("Receipts");
  });
});
