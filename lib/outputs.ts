import { Aws, CfnOutput, type Stack } from "aws-cdk-lib";
import type { Table } from "aws-cdk-lib/aws-dynamodb";
import type { FunctionUrl } from "aws-cdk-lib/aws-lambda";
import type { Bucket } from "aws-cdk-lib/aws-s3";
import type { Secret } from "aws-cdk-lib/aws-secretsmanager";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import { originOf } from "./iot-wiring.ts";
import type { ReceiptQueue } from "./receipt-queue.ts";
import type { Settings } from "./settings.ts";
import type { ThingAccess } from "./thing-access.ts";

export type OutputsProps = {
  files: Bucket;
  packed: Bucket;
  announcements: Bucket;
  url: FunctionUrl;
  tokenSecret: Secret;
  linkSecret: Secret;
  notehubSecret: Secret;
  table: Table;
  recorderUrl: FunctionUrl;
  recorderTokenSecret: Secret;
  queue: Queue;
  deadLetters: Queue;
  /** Undefined, as are the things, where the deployment reaches none. */
  receipts: ReceiptQueue | undefined;
  things: ThingAccess | undefined;
  settings: Settings;
};

/** What a person does after the deployment, in that order; then what the operator's command has to know. */
export function addOutputs(stack: Stack, props: OutputsProps): void {
  const { settings } = props;
  const routeUrl = originOf(props.url.url);
  const outputs: [id: string, description: string, value: string | undefined][] = [
    ["FilesBucketName", "Drop files into this bucket", props.files.bucketName],
    [
      "StoreNotehubTokenCommand",
      "Run this, paste a Notehub personal access token, press Enter: it lets the notifier announce files",
      // Read from the terminal, so that the token is in no history and no process list.
      `IFS= read -rs NOTEHUB_TOKEN && printf '{"token":"%s"}' "$NOTEHUB_TOKEN" | aws secretsmanager put-secret-value --region ${Aws.REGION} --secret-id ${props.notehubSecret.secretArn} --secret-string file:///dev/stdin`,
    ],
    [
      "RouteUrl",
      "Notehub > Routes > Create Route > Proxy for Notecard Web Requests: this is its URL, its alias is noteferry",
      routeUrl,
    ],
    [
      "RouteAuthorizationCommand",
      "Prints the value of the HTTP header Authorization that the route (and the one below) must send",
      authorizationCommand(props.tokenSecret),
    ],
    [
      "SampleRouteUrl",
      "Only for devices that run a host of the Python File Downloader sample: URL of a second route, its alias is remoteFileDownloader",
      `${routeUrl}/sample`,
    ],
    [
      "ReceiptRouteUrl",
      "Notehub > Routes > Create Route > General HTTP/HTTPS Request: this is its URL, its notefile is file-status.qo",
      originOf(props.recorderUrl.url),
    ],
    [
      "ReceiptRouteAuthorizationCommand",
      "Prints the value of the HTTP header Authorization that the route of receipts must send",
      authorizationCommand(props.recorderTokenSecret),
    ],
    [
      "ThingPolicyName",
      "Attach this policy to the certificates of your AWS IoT things: see docs/AWS-IOT.md",
      props.things?.policyName,
    ],
    [
      "IotEndpointCommand",
      "Prints the host that things connect to",
      props.things &&
        `aws iot describe-endpoint --region ${Aws.REGION} --endpoint-type iot:Data-ATS --query endpointAddress --output text`,
    ],
    ["ThingReceiptRuleName", "Has what things say of their files recorded", props.things?.ruleName],
    ["PackedBucketName", "The forms in which contents travel, besides the files", props.packed.bucketName],
    ["AnnouncementsBucketName", "What fleets were told, and who holds them", props.announcements.bucketName],
    ["FleetAnnouncements", "How fleets are told of files", settings.fleetAnnouncements],
    ["DeliveryTableName", "What each device was told, has and said", props.table.tableName],
    ["ProductUid", "Product UID that the Notecards are set to", settings.product],
    ["FileQueueUrl", "Where events of the bucket wait for the notifier", props.queue.queueUrl],
    ["DeadLetterQueueUrl", "Where events end that could not be announced", props.deadLetters.queueUrl],
    [
      "ThingReceiptQueueUrl",
      "Where receipts of things wait for the recorder",
      props.receipts?.queue.queueUrl,
    ],
    [
      "ThingReceiptDeadLetterQueueUrl",
      "Where receipts of things end that could not be recorded",
      props.receipts?.deadLetters.queueUrl,
    ],
    ["TokenSecretArn", "The secret with the token of the routes", props.tokenSecret.secretArn],
    [
      "ReceiptTokenSecretArn",
      "The secret with the token of the route of receipts",
      props.recorderTokenSecret.secretArn,
    ],
    ["LinkSecretArn", "The secret under which links are signed", props.linkSecret.secretArn],
    ["NotehubSecretArn", "The secret with Notehub's access token", props.notehubSecret.secretArn],
    ["NotehubUrl", "Origin of Notehub's API", settings.notehubUrl],
    ["ProjectUid", "The Notehub project of the devices", settings.project],
    ["DefaultTarget", "Who gets a file whose key names nobody", settings.defaultTarget],
  ];
  for (const [id, description, value] of outputs) {
    if (value !== undefined) new CfnOutput(stack, id, { description, value });
  }
}

function authorizationCommand({ secretArn }: Secret): string {
  return `aws secretsmanager get-secret-value --region ${Aws.REGION} --secret-id ${secretArn} --query SecretString --output text | node -p '"Bearer " + JSON.parse(require("fs").readFileSync(0)).current'`;
}
