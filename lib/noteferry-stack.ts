import { Stack } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { Alarms } from "./alarms.ts";
import { DeliveryRecorder } from "./delivery-recorder.ts";
import { DeliveryTable } from "./delivery-table.ts";
import { FileBucket } from "./file-bucket.ts";
import { FileNotifier, NOTIFIER_TIMEOUT } from "./file-notifier.ts";
import { FileQueue } from "./file-queue.ts";
import { FileServer } from "./file-server.ts";
import { addOutputs } from "./outputs.ts";
import { PackedBucket } from "./packed-bucket.ts";
import type { Settings } from "./settings.ts";
import { ThingAccess } from "./thing-access.ts";

/** Upload, announce, serve, report: the cloud's side, in flow order. */
export class NoteferryStack extends Stack {
  constructor(scope: Construct, id: string, settings: Settings) {
    super(scope, id, { description: "Noteferry: delivers files from S3 to devices behind Notecards" });
    const { bucket: files } = new FileBucket(this, "FileBucket");
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
    const recorder = new DeliveryRecorder(this, "DeliveryRecorder", { table, settings });
    const { stage } = settings;
    const things =
      settings.iot === "on"
        ? new ThingAccess(this, "ThingAccess", { recorder: recorder.function, stage })
        : undefined;
    new Alarms(this, "Alarms", {
      queue,
      deadLetters,
      notifier: notifier.function,
      server: server.function,
      recorder: recorder.function,
      topicArn: settings.alarmTopicArn,
    });
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
      things,
      settings,
    });
  }
}
