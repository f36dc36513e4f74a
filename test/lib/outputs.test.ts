import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { resolveIntrinsics } from "../../local/template/intrinsics.ts";
import { ALL_SETTINGS } from "../support/all-settings.ts";
import { templateOf } from "../support/template-under-test.ts";

const TOKEN_ARN = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:TokenSecret-a1B2c3";
const RECORDER_TOKEN_ARN =
  "arn:aws:secretsmanager:eu-central-1:123456789012:secret:RecorderTokenSecret-g7H8i9";
const LINK_ARN = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:LinkSecret-j1K2l3";
const NOTEHUB_ARN = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:NotehubSecret-d4E5f6";

const QUEUE_URL = "https://sqs.eu-central-1.amazonaws.com/123456789012/noteferry";

const scope = {
  refs: new Map([
    ["AWS::Region", "eu-central-1"],
    ["FilesBucket", "noteferry-filesbucket-1a2b"],
    ["PackedBucket", "noteferry-packedbucket-1a2b"],
    ["AnnouncementsBucket", "noteferry-announcementsbucket-1a2b"],
    ["TokenSecret", TOKEN_ARN],
    ["NotehubSecret", NOTEHUB_ARN],
    ["LinkSecret", LINK_ARN],
    ["RecorderTokenSecret", RECORDER_TOKEN_ARN],
    ["DeliveryTable", "noteferry-deliverytable-1a2b"],
    ["FileQueue", QUEUE_URL],
    ["DeadLetterQueue", `${QUEUE_URL}-dead`],
    ["ThingReceiptQueue", `${QUEUE_URL}-receipts`],
    ["ThingReceiptDeadLetterQueue", `${QUEUE_URL}-receipts-dead`],
    ["ThingPolicy", "noteferry-ThingPolicy-1a2b"],
    ["ThingReceiptRule", "noteferry_ThingReceiptRule_1a2b"],
  ]),
  attributes: new Map([
    ["FileServerUrl.FunctionUrl", "https://abc123.lambda-url.eu-central-1.on.aws/"],
    ["DeliveryRecorderUrl.FunctionUrl", "https://def456.lambda-url.eu-central-1.on.aws/"],
  ]),
};

function outputsOf(settings: Record<string, unknown>): Record<string, string> {
  const outputs = Object.entries(templateOf(settings).findOutputs("*"));
  return Object.fromEntries(
    outputs.map(([name, output]) => [name, String(resolveIntrinsics(output.Value, scope, name))]),
  );
}

const outputs = outputsOf({ project: "app:1" });

test("they are what has to be copied, what the operator's command has to know, and no more", () => {
  expect(Object.keys(outputs)).toEqual([
    "FilesBucketName",
    "StoreNotehubTokenCommand",
    "RouteUrl",
    "RouteAuthorizationCommand",
    "SampleRouteUrl",
    "ReceiptRouteUrl",
    "ReceiptRouteAuthorizationCommand",
    "PackedBucketName",
    "AnnouncementsBucketName",
    "FleetAnnouncements",
    "DeliveryTableName",
    ...[
      "FileQueueUrl",
      "DeadLetterQueueUrl",
      "TokenSecretArn",
      "ReceiptTokenSecretArn",
      "LinkSecretArn",
      "NotehubSecretArn",
      "NotehubUrl",
      "ProjectUid",
    ],
  ]);
  expect(outputsOf(ALL_SETTINGS)).toEqual({
    ...outputs,
    ProductUid: ALL_SETTINGS.product,
    NotehubUrl: ALL_SETTINGS.notehubUrl,
    ProjectUid: ALL_SETTINGS.project,
    DefaultTarget: ALL_SETTINGS.defaultTarget,
    FleetAnnouncements: ALL_SETTINGS.fleetAnnouncements,
    ThingPolicyName: "noteferry-ThingPolicy-1a2b",
    ThingReceiptRuleName: "noteferry_ThingReceiptRule_1a2b",
    ThingReceiptQueueUrl: `${QUEUE_URL}-receipts`,
    ThingReceiptDeadLetterQueueUrl: `${QUEUE_URL}-receipts-dead`,
    IotEndpointCommand:
      "aws iot describe-endpoint --region eu-central-1 --endpoint-type iot:Data-ATS --query endpointAddress --output text",
  });
});

test("the route's URL has no trailing slash: Notehub joins a request's name to it [NF-3.8]", () => {
  expect(outputs).toMatchObject({
    FilesBucketName: "noteferry-filesbucket-1a2b",
    RouteUrl: "https://abc123.lambda-url.eu-central-1.on.aws",
    SampleRouteUrl: "https://abc123.lambda-url.eu-central-1.on.aws/sample",
    ReceiptRouteUrl: "https://def456.lambda-url.eu-central-1.on.aws",
    PackedBucketName: "noteferry-packedbucket-1a2b",
    AnnouncementsBucketName: "noteferry-announcementsbucket-1a2b",
    DeliveryTableName: "noteferry-deliverytable-1a2b",
  });
});

test("the operator's command finds the queues and the secrets by them", () => {
  expect(outputs).toMatchObject({
    FileQueueUrl: QUEUE_URL,
    DeadLetterQueueUrl: `${QUEUE_URL}-dead`,
    TokenSecretArn: TOKEN_ARN,
    LinkSecretArn: LINK_ARN,
    NotehubSecretArn: NOTEHUB_ARN,
    ProjectUid: "app:1",
  });
});

test.each([
  ["RouteUrl", "noteferry"],
  ["SampleRouteUrl", "remoteFileDownloader"],
])("%s tells the alias %s", (name, alias) => {
  expect(templateOf({ project: "app:1" }).findOutputs(name)[name]?.Description).toMatch(
    new RegExp(`alias is ${alias}$`),
  );
});

/** The commands run in a real shell, with a program in AWS CLI's place that notes how it was called. */
let bin = "";

beforeAll(() => {
  bin = mkdtempSync(path.join(tmpdir(), "noteferry-aws-"));
  const program = `#!/bin/sh
printf '%s\\n' "$@" > "${bin}/arguments"
case "$2" in
  get-secret-value) printf '%s\\n' '{"previous":"","current":"abcDEF123"}' ;;
  put-secret-value) cat > "${bin}/stored" ;;
esac
`;
  writeFileSync(path.join(bin, "aws"), program);
  chmodSync(path.join(bin, "aws"), 0o755);
});

afterAll(() => rmSync(bin, { recursive: true, force: true }));

function runInShell(command: string | undefined, input: string): { printed: string; args: string[] } {
  const printed = execFileSync("bash", ["--norc", "-c", command ?? "false"], {
    input,
    encoding: "utf8",
    env: { PATH: `${bin}:${process.env.PATH}` },
  });
  return { printed, args: readFileSync(path.join(bin, "arguments"), "utf8").trim().split("\n") };
}

test("one command prints the header that the route must send [NF-7.1]", () => {
  const { printed, args } = runInShell(outputs.RouteAuthorizationCommand, "");
  expect(printed).toBe("Bearer abcDEF123\n");
  expect(args).toEqual([
    ...["secretsmanager", "get-secret-value", "--region", "eu-central-1", "--secret-id", TOKEN_ARN],
    ...["--query", "SecretString", "--output", "text"],
  ]);
});

test("one command stores the Notehub token, which appears in no argument and is not printed", () => {
  const { printed, args } = runInShell(outputs.StoreNotehubTokenCommand, "ory_st_s3cret\n");
  expect(JSON.parse(readFileSync(path.join(bin, "stored"), "utf8"))).toEqual({ token: "ory_st_s3cret" });
  expect(printed).toBe("");
  expect(args).toEqual([
    ...["secretsmanager", "put-secret-value", "--region", "eu-central-1", "--secret-id", NOTEHUB_ARN],
    ...["--secret-string", "file:///dev/stdin"],
  ]);
});
