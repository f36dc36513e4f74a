import { expect, test } from "vitest";
import { readDeliveryRecorderEnv } from "../../functions/delivery-recorder/env.ts";
import { roleGrants } from "../support/role-grants.ts";
import { templateOf } from "../support/template-under-test.ts";

const template = templateOf({ project: "app:1" });
const recorder = template.findResources("AWS::Lambda::Function").DeliveryRecorderFunction?.Properties;

test("it may write what devices say, read its tokens, and nothing else", () => {
  expect(roleGrants(template, "DeliveryRecorderFunctionRole")).toEqual([
    "dynamodb:GetItem DeliveryTable.Arn",
    "dynamodb:PutItem DeliveryTable.Arn",
    "dynamodb:Query DeliveryTable.Arn",
    "logs:CreateLogStream DeliveryRecorderFunctionLogs.Arn",
    "logs:PutLogEvents DeliveryRecorderFunctionLogs.Arn",
    "secretsmanager:GetSecretValue RecorderTokenSecret",
  ]);
});

test("its variables are what the function reads", () => {
  const { Variables } = recorder.Environment;
  expect(Variables).toMatchObject({
    DELIVERY_TABLE: { Ref: "DeliveryTable" },
    TOKEN_SECRET_ARN: { Ref: "RecorderTokenSecret" },
    POWERTOOLS_SERVICE_NAME: "delivery-recorder",
  });
  const deployed = Object.entries(Variables).map(([name, value]) => [name, JSON.stringify(value)]);
  expect(() => readDeliveryRecorderEnv(Object.fromEntries(deployed))).not.toThrow();
});

test("the table is paid by use, can be put back to any second, outlives the stack, and forgets its history", () => {
  const [table] = Object.values(template.findResources("AWS::DynamoDB::Table"));
  expect(table).toMatchObject({
    DeletionPolicy: "Retain",
    UpdateReplacePolicy: "Retain",
    Properties: {
      BillingMode: "PAY_PER_REQUEST",
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      TimeToLiveSpecification: { AttributeName: "expires", Enabled: true },
      GlobalSecondaryIndexes: ["byFile", "byTrouble", "devices"].map((IndexName) => ({
        IndexName,
        KeySchema: [{ KeyType: "HASH" }, { KeyType: "RANGE" }],
        Projection: { ProjectionType: "KEYS_ONLY" },
      })),
    },
  });
});
