import { isDeepStrictEqual } from "node:util";
import { expect, test } from "vitest";
import { readFileServerEnv } from "../../functions/file-server/env.ts";
import { ALL_SETTINGS } from "../support/all-settings.ts";
import { roleGrants } from "../support/role-grants.ts";
import { templateOf } from "../support/template-under-test.ts";

const template = templateOf({ project: "app:1" });
const server = template.findResources("AWS::Lambda::Function").FileServerFunction?.Properties;

test("it may read files and its two secrets, and nothing else", () => {
  expect(roleGrants(template, "FileServerFunctionRole")).toEqual([
    "logs:CreateLogStream FileServerFunctionLogs.Arn",
    "logs:PutLogEvents FileServerFunctionLogs.Arn",
    "s3:GetObject FilesBucket.Arn/*",
    "s3:GetObject PackedBucket.Arn/*",
    "s3:GetObjectVersion FilesBucket.Arn/*",
    "s3:ListBucket FilesBucket.Arn",
    "s3:ListBucket PackedBucket.Arn",
    "secretsmanager:GetSecretValue LinkSecret",
    "secretsmanager:GetSecretValue TokenSecret",
  ]);
});

test("it runs where and for as long as it must", () => {
  expect(server).toMatchObject({
    Runtime: "nodejs24.x",
    Architectures: ["arm64"],
    Handler: "index.handler",
    Timeout: 10,
    MemorySize: 512,
    Role: { "Fn::GetAtt": ["FileServerFunctionRole", "Arn"] },
    LoggingConfig: { LogGroup: { Ref: "FileServerFunctionLogs" } },
  });
});

test("its variables are what the function reads", () => {
  const { Variables } = server.Environment;
  expect(Variables).toEqual({
    FILES_BUCKET: { Ref: "FilesBucket" },
    PACKED_BUCKET: { Ref: "PackedBucket" },
    TOKEN_SECRET_ARN: { Ref: "TokenSecret" },
    LINK_SECRET_ARN: { Ref: "LinkSecret" },
    POWERTOOLS_SERVICE_NAME: "file-server",
    POWERTOOLS_METRICS_NAMESPACE: "Noteferry",
    POWERTOOLS_LOG_LEVEL: "INFO",
  });
  const deployed = Object.entries(Variables).map(([name, value]) => [name, JSON.stringify(value)]);
  expect(() => readFileServerEnv(Object.fromEntries(deployed))).not.toThrow();
});

test("anybody may call its URL, and the function only through it: the bearer token guards", () => {
  const it = { "Fn::GetAtt": ["FileServerFunction", "Arn"] };
  const propertiesOf = (type: string) =>
    Object.values(template.findResources(type))
      .map(({ Properties }) => Properties)
      .filter(({ TargetFunctionArn, FunctionName }) =>
        isDeepStrictEqual(TargetFunctionArn ?? FunctionName, it),
      );
  expect(propertiesOf("AWS::Lambda::Url")).toEqual([{ AuthType: "NONE", TargetFunctionArn: it }]);
  expect(propertiesOf("AWS::Lambda::Permission")).toEqual([
    { Action: "lambda:InvokeFunctionUrl", FunctionName: it, Principal: "*", FunctionUrlAuthType: "NONE" },
    { Action: "lambda:InvokeFunction", FunctionName: it, Principal: "*", InvokedViaFunctionUrl: true },
  ]);
});

test.each(["TokenSecret", "LinkSecret"])("%s: the first is made by AWS, 48 letters and digits", (id) => {
  const { GenerateSecretString } =
    template.findResources("AWS::SecretsManager::Secret")[id]?.Properties ?? {};
  expect(GenerateSecretString).toEqual({
    SecretStringTemplate: '{"previous":""}',
    GenerateStringKey: "current",
    PasswordLength: 48,
    ExcludePunctuation: true,
  });
});

test("its concurrency is the account's, unless chosen", () => {
  expect(server.ReservedConcurrentExecutions).toBeUndefined();
  templateOf(ALL_SETTINGS).hasResourceProperties("AWS::Lambda::Function", {
    Timeout: 10,
    ReservedConcurrentExecutions: 20,
  });
});
