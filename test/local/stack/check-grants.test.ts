import { describe, expect, test } from "vitest";
import { createAuthorizer } from "../../../local/aws/iam/create-authorizer.ts";
import { checkGrants } from "../../../local/stack/check-grants.ts";
import { readDeployment } from "../../../local/template/deployment.ts";
import { TemplateError } from "../../../local/template/intrinsics.ts";

const arnOf = (id: string) => ({ "Fn::GetAtt": [id, "Arn"] });

/** Checks a template of these resources. */
function check(resources: Record<string, { Type: string; Properties?: object }>): void {
  const template = JSON.parse(JSON.stringify({ Resources: resources, Outputs: {} }));
  for (const resource of Object.values<{ Properties?: object }>(template.Resources))
    resource.Properties ??= {};
  const deployment = readDeployment(
    { stackName: "Demo", template, assetFolders: new Map([["abc", "/b"]]) },
    {
      ...{ region: "us-east-1", accountId: "000000000000", stackName: "Demo" },
      ...{ sqsOrigin: "https://localhost:1", functionUrlOrigins: {} },
    },
  );
  checkGrants(deployment, createAuthorizer(deployment.rolePolicies, deployment.queueStatements));
}

describe("checkGrants of senders to queues", () => {
  const TLS = {
    ...{ Effect: "Deny", Principal: { AWS: "*" }, Action: "sqs:*", Resource: arnOf("Jobs") },
    Condition: { Bool: { "aws:SecureTransport": "false" } },
  };
  const RULE = {
    Type: "AWS::Events::Rule",
    Properties: {
      ScheduleExpression: "rate(1 day)",
      State: "ENABLED",
      Targets: [{ Id: "Target0", Arn: arnOf("Jobs"), Input: "{}" }],
    },
  };
  const BUCKET = {
    Type: "AWS::S3::Bucket",
    Properties: {
      NotificationConfiguration: {
        QueueConfigurations: [{ Event: "s3:ObjectCreated:*", Queue: arnOf("Jobs") }],
      },
    },
  };
  const grant = (service: string, Condition?: object) => ({
    ...{ Effect: "Allow", Principal: { Service: service }, Resource: arnOf("Jobs"), Condition },
    Action: ["sqs:SendMessage", "sqs:GetQueueAttributes", "sqs:GetQueueUrl"],
  });
  const ofRule = { ArnEquals: { "aws:SourceArn": arnOf("Sender") } };
  const ofAccount = (id: string) => ({ StringEquals: { "aws:SourceAccount": id } });

  /** With a queue, what sends to it, and these statements as the queue's policy. */
  function checkSender(sender: { Type: string }, statements: unknown[]): void {
    check({
      Jobs: { Type: "AWS::SQS::Queue" },
      Sender: sender,
      Policy: {
        Type: "AWS::SQS::QueuePolicy",
        Properties: { Queues: [{ Ref: "Jobs" }], PolicyDocument: { Statement: [TLS, ...statements] } },
      },
    });
  }

  test.each<[string, { Type: string }, object]>([
    ["as CDK writes it for a rule", RULE, grant("events.amazonaws.com", ofRule)],
    ["for a rule, whatever its source", RULE, grant("events.amazonaws.com")],
    ["for the bucket of an account", BUCKET, grant("s3.amazonaws.com", ofAccount("000000000000"))],
    [
      "for one bucket",
      BUCKET,
      grant("s3.amazonaws.com", { ArnLike: { "aws:SourceArn": "arn:aws:s3:::sender" } }),
    ],
  ])("lets a grant pass %s", (_what, sender, statement) => {
    checkSender(sender, [statement]);
  });

  test.each<[string, { Type: string }, unknown[]]>([
    ["nothing", RULE, []],
    ["another service", RULE, [grant("s3.amazonaws.com")]],
    [
      "another rule",
      RULE,
      [
        grant("events.amazonaws.com", {
          ArnEquals: { "aws:SourceArn": "arn:aws:events:us-east-1:000000000000:rule/Other" },
        }),
      ],
    ],
    [
      "another queue",
      RULE,
      [{ ...grant("events.amazonaws.com"), Resource: "arn:aws:sqs:us-east-1:000000000000:Other" }],
    ],
    ["another action", RULE, [{ ...grant("events.amazonaws.com"), Action: "sqs:ReceiveMessage" }]],
    ["what is denied as well", RULE, [grant("events.amazonaws.com"), { ...TLS, Condition: undefined }]],
    ["another account", BUCKET, [grant("s3.amazonaws.com", ofAccount("000000000001"))]],
    ["EventBridge alone", BUCKET, [grant("events.amazonaws.com")]],
  ])("refuses a sender to which the queue grants %s, and names it", (_what, sender, statements) => {
    const refused = () => checkSender(sender, statements);
    expect(refused).toThrow(TemplateError);
    expect(refused).toThrow(
      /^Sender: no queue policy lets (S3|EventBridge) send to arn:aws:sqs:us-east-1:000000000000:Jobs/,
    );
  });
});

describe("checkGrants of topic rules", () => {
  const TRUST = {
    ...{ Effect: "Allow", Principal: { Service: "iot.amazonaws.com" }, Action: "sts:AssumeRole" },
    Condition: {
      StringEquals: { "aws:SourceAccount": { Ref: "AWS::AccountId" } },
      ArnLike: { "aws:SourceArn": "arn:aws:iot:us-east-1:000000000000:rule/*" },
    },
  };
  const GRANT = { Effect: "Allow", Action: "sqs:SendMessage", Resource: arnOf("Queue") };
  const ofRule = (rule: string) => ({
    ArnLike: { "aws:SourceArn": `arn:aws:iot:us-east-1:000000000000:rule/${rule}` },
  });

  /** With a rule that sends in the name of a role, which has these statements. */
  function checkRule(trust: object[], grants: object[], RoleArn: unknown = arnOf("Sender")): void {
    check({
      Queue: { Type: "AWS::SQS::Queue" },
      Sender: {
        Type: "AWS::IAM::Role",
        Properties: {
          AssumeRolePolicyDocument: { Statement: trust },
          Policies: [{ PolicyName: "Send", PolicyDocument: { Statement: grants } }],
        },
      },
      Receipts: {
        Type: "AWS::IoT::TopicRule",
        Properties: {
          TopicRulePayload: {
            ...{ Sql: "SELECT * FROM 'r'", AwsIotSqlVersion: "2016-03-23" },
            Actions: [{ Sqs: { QueueUrl: { Ref: "Queue" }, RoleArn } }],
          },
        },
      },
    });
  }

  test.each([[TRUST], [{ ...TRUST, Condition: ofRule("Receipts") }], [{ ...TRUST, Condition: undefined }]])(
    "is content with a role that may send, and that AWS IoT may take on by %j",
    (trust) => {
      checkRule([trust], [GRANT]);
    },
  );

  test.each<[object[], unknown?]>([
    [[]],
    [[{ ...TRUST, Principal: { Service: "lambda.amazonaws.com" } }]],
    [[{ ...TRUST, Action: "sts:TagSession" }]],
    [[{ ...TRUST, Condition: ofRule("Other") }]],
    [[{ ...TRUST, Condition: { StringEquals: { "aws:SourceAccount": "111111111111" } } }]],
    [[TRUST, { ...TRUST, Effect: "Deny" }]],
    [[TRUST], "arn:aws:iam::000000000000:role/Another"],
  ])("refuses a rule whose role may be taken on by %j", (trust, roleArn) => {
    const refused = () => checkRule(trust, [GRANT], roleArn);
    expect(refused).toThrow(TemplateError);
    expect(refused).toThrow(/^Receipts: .*:role\/\w+ does not let AWS IoT take it on for this rule$/);
  });

  test.each<[object[]]>([
    [[]],
    [[{ ...GRANT, Action: "sqs:ReceiveMessage" }]],
    [[{ ...GRANT, Resource: "arn:aws:sqs:us-east-1:000000000000:Other" }]],
    [[GRANT, { ...GRANT, Effect: "Deny" }]],
  ])("refuses a rule whose role has %j", (grants) => {
    const refused = () => checkRule([TRUST], grants);
    expect(refused).toThrow(TemplateError);
    expect(refused).toThrow(/^Receipts: .*:role\/Sender lacks sqs:SendMessage on .*:Queue$/);
  });
});
