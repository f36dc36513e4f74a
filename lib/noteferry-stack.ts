import { Stack } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { AccessLogs } from "./access-logs.ts";
import { AlarmTopics } from "./alarm-topics.ts";
import { Alarms } from "./alarms.ts";
import { DeliveryRecorder, RECORDER_TIMEOUT } from "./delivery-recorder.ts";
import { DeliveryTable } from "./delivery-table.ts";
import { FileBucket } from "./file-bucket.ts";
import { FileNotifier, NOTIFIER_TIMEOUT } from "./file-notifier.ts";
import { FileQueue } from "./file-queue.ts";
import { FileServer } from "./file-server.ts";
import { addOutputs } from "./outputs.ts";
import { Overview } from "./overview.ts";
import { PackedBucket } from "./packed-bucket.ts";
import { ReceiptQueue } from "./receipt-queue.ts";
import type { Settings } from "./settings.ts";
import { ThingAccess } from "./thing-access.ts";

/** Upload, announce, serve, report: the cloud's side, in flow order. */
export class NoteferryStack extends Stack {
  constructor(scope: Construct, id: string, settings: Settings) {
    const { stage, logRetentionDays: keptDays } = settings;
    super(scope, id, {
      description: "Noteferry: delivers files from S3 to devices behind Notecards",
      // CloudFormation hands them on to all that can have tags: bills and searches tell one deployment from another.
      tags: { application: "noteferry", stage: stage ?? "default" },
      terminationProtection: isProduction(stage),
    });
    const accessLogs = settings.accessLogs
      ? new AccessLogs(this, "AccessLogs", { keptDays }).bucket
      : undefined;
    const { bucket: files } = new FileBucket(this, "FileBucket", { accessLogs });
    const { queue, deadLetters } = new FileQueue(this, "FileQueue", {
      files,
      consumerTimeout: NOTIFIER_TIMEOUT,
    });
    const { bucket: packed } = new PackedBucket(this, "PackedBucket");
    const { table } = new DeliveryTable(this, "DeliveryTable");
    const server = new FileServer(this, "FileServer", { files, packed, settings }); // whose address the notifier tells
    const notifier = new FileNotifier(this, "FileNotifier", {
      files,
      packed,
      queue,
      deadLetters,
      table,
      server,
      settings,
    });
    const receipts =
      settings.iot === "on"
        ? new ReceiptQueue(this, "ReceiptQueue", { consumerTimeout: RECORDER_TIMEOUT })
        : undefined;
    const recorder = new DeliveryRecorder(this, "DeliveryRecorder", {
      ...{ table, settings },
      receipts: receipts?.queue,
    });
    const things = receipts && new ThingAccess(this, "ThingAccess", { receipts: receipts.queue, stage });
    const watched = {
      ...{ queue, deadLetters, notifier: notifier.function },
      ...{ server: server.function, recorder: recorder.function },
    };
    const { topics } = new AlarmTopics(this, "AlarmTopics", {
      topicArn: settings.alarmTopicArn,
      email: settings.alarmEmail,
    });
    new Alarms(this, "Alarms", { ...watched, receipts, topics, settings });
    new Overview(this, "Overview", watched);
    addOutputs(this, {
      files,
      packed,
      announcements: notifier.announcements,
      url: server.url,
      tokenSecret: server.tokenSecret,
      linkSecret: server.linkSecret,
      notehubSecret: notifier.notehubSecret,
      table,
      recorderUrl: recorder.url,
      recorderTokenSecret: recorder.tokenSecret,
      queue,
      deadLetters,
      receipts,
      things,
      settings,
    });
  }
}

/** What serves real devices is not deleted by one wrong word. */
function isProduction(stage: string | undefined): boolean {
  return stage !== undefined && /^prod(?:uction)?$/i.test(stage);
}
