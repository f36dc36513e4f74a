import { Duration } from "aws-cdk-lib";
import type { Table } from "aws-cdk-lib/aws-dynamodb";
import { EventSourceMapping, type Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import type { Bucket } from "aws-cdk-lib/aws-s3";
import { CfnSecret, Secret } from "aws-cdk-lib/aws-secretsmanager";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import type { FileNotifierEnv } from "../functions/file-notifier/env.ts";
import { INDEXES } from "../protocol/delivery-table.ts";
import { acknowledgeAllObjects, acknowledgeNoRotation } from "./acknowledgements.ts";
import type { FileServer } from "./file-server.ts";
import { MANIFEST_FOLDERS, wireFleets } from "./fleet-wiring.ts";
import { createFunction } from "./function-defaults.ts";
import { acknowledgeIot, wireIot } from "./iot-wiring.ts";
import { MAX_RECEIVES } from "./kept-queue.ts";
import { fixLogicalId } from "./logical-id.ts";
import { wirePacking } from "./packing-wiring.ts";
import { createPrivateBucket } from "./private-bucket.ts";
import { WHEN_THE_STACK_GOES } from "./removal.ts";
import type { Settings } from "./settings.ts";
import { allow, allowPolling, type Wiring } from "./wiring.ts";

/** Long enough to read the largest file once, for its SHA-256. */
export const NOTIFIER_TIMEOUT = Duration.minutes(5);

/**
 * Memory buys network and CPU: hashing is bound by both. 1769 MB are one whole CPU, which packing is bound by.
 * docs/adr/0010-what-is-packed-and-how-hard.md, https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
 */
const MEMORY_MB = { on: 1769, off: 1024 } as const;

export type FileNotifierProps = {
  files: Bucket;
  packed: Bucket;
  queue: Queue;
  deadLetters: Queue;
  table: Table;
  /** Where things fetch. */
  server: FileServer;
  settings: Settings;
};

/** Step 2, announce: from the queue to Notehub, and to AWS IoT. */
export class FileNotifier extends Construct {
  readonly function: LambdaFunction;
  /** What was told to whom, and the states of fleets. */
  readonly announcements: Bucket;
  /** Empty until somebody stores the Notehub credentials in it. */
  readonly notehubSecret: Secret;

  constructor(scope: Construct, id: string, props: FileNotifierProps) {
    super(scope, id);
    const { files, packed, queue, settings } = props;
    this.notehubSecret = this.createNotehubSecret();
    const announcements = createPrivateBucket(this, "AnnouncementsBucket", {
      // Only these: the state of a fleet is needed for as long as there is one.
      // Longer than an event can wait: 14 days in the queue, 14 among the dead letters, and again when redriven. Longer, too, than a
      // replaced version is kept: its expiry then meets the record of its successor, and announces nothing. [NF-8.6]
      lifecycleRules: [{ id: "forgotten", prefix: "announcements/", expiration: Duration.days(120) }],
    });
    this.announcements = announcements;
    this.function = createFunction(this, "FileNotifierFunction", {
      name: "file-notifier",
      entry: settings.iot === "on" ? "with-iot/index.ts" : undefined,
      description: "Announces new files to their targets through Notehub",
      timeout: NOTIFIER_TIMEOUT,
      memoryMb: settings.notifierMemoryMb ?? MEMORY_MB[settings.packing],
      wiring: this.wire(announcements, props),
      // Each event names the bucket: whichever it is, these are of ours alone.
      grants: [
        allow(["s3:GetObject", "s3:GetObjectVersion"], files.arnForObjects("*")),
        allow(["s3:ListBucket"], files.bucketArn),
      ],
      node: { NODE_OPTIONS: "--enable-source-maps" },
      settings,
    });
    new EventSourceMapping(this, "Messages", {
      target: this.function,
      eventSourceArn: queue.queueArn,
      batchSize: 10,
      reportBatchItemFailures: true,
      maxConcurrency: 2, // the least there is: Notehub counts requests, and more environments only earn more 429s
    });
    if (settings.iot === "on") acknowledgeIot(this);
    acknowledgeAllObjects(this, files, "The notifier reads any file that is dropped into the bucket.");
    acknowledgeAllObjects(this, packed, "The notifier keeps what it packs under names of its contents.");
    for (const folder of MANIFEST_FOLDERS)
      acknowledgeAllObjects(
        this,
        packed,
        "Manifests are named by their contents, and old ones deleted.",
        folder,
      );
    acknowledgeAllObjects(this, announcements, "The notifier keeps one object for each key, named after it.");
  }

  private wire(
    announcements: Bucket,
    { files, packed, queue, deadLetters, table, server, settings }: FileNotifierProps,
  ): Wiring<FileNotifierEnv> {
    return {
      ANNOUNCEMENTS_BUCKET: {
        value: announcements.bucketName,
        grants: [
          allow(["s3:GetObject", "s3:PutObject"], announcements.arnForObjects("*")),
          allow(["s3:ListBucket"], announcements.bucketArn), // without it a missing object is 403, not 404
        ],
      },
      QUEUE_URL: {
        value: queue.queueUrl,
        grants: [
          allowPolling(queue.queueArn),
          // To queue a message for each device of a fleet, and to say when to retry one.
          allow(["sqs:SendMessage", "sqs:ChangeMessageVisibility"], queue.queueArn),
        ],
      },
      DEAD_LETTER_QUEUE_URL: {
        value: deadLetters.queueUrl,
        grants: [allow(["sqs:SendMessage"], deadLetters.queueArn)],
      },
      NOTEHUB_URL: { value: settings.notehubUrl },
      NOTEHUB_PROJECT_UID: { value: settings.project },
      NOTEHUB_SECRET_ARN: {
        value: this.notehubSecret.secretArn,
        grants: [allow(["secretsmanager:GetSecretValue"], this.notehubSecret.secretArn)],
      },
      DELIVERY_TABLE: {
        value: table.tableName,
        grants: [
          allow(["dynamodb:GetItem", "dynamodb:PutItem"], table.tableArn),
          allow(["dynamodb:Query"], `${table.tableArn}/index/${INDEXES.byFile.name}`),
        ],
      },
      DEFAULT_TARGET: { value: settings.defaultTarget },
      MAX_RECEIVES: { value: String(MAX_RECEIVES) },
      MAX_FILE_BYTES: { value: String(settings.maxFileBytes) },
      ...wireFleets(files, packed, settings),
      ...wirePacking(settings),
      ...wireIot(server, settings),
    };
  }

  /**
   * No value, not even a generated one: a token put in by hand would be overwritten whenever the template's changed.
   */
  private createNotehubSecret(): Secret {
    const secret = new Secret(this, "NotehubSecret", {
      description: "Notehub credentials of the file notifier: token, or clientId and clientSecret",
      removalPolicy: WHEN_THE_STACK_GOES.credentials,
    });
    const resource = secret.node.defaultChild;
    if (resource instanceof CfnSecret) resource.generateSecretString = undefined;
    fixLogicalId(secret, "NotehubSecret");
    acknowledgeNoRotation(secret, "Notehub issues its tokens to people; it cannot rotate one by API.");
    return secret;
  }
}
