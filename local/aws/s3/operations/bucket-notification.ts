import { readText } from "../body/read-text.ts";
import { isRaisedHere } from "../events/notification.ts";
import { getsTestEvent, testEvent } from "../events/test-event.ts";
import { EMPTY, xmlReply } from "../http/reply.ts";
import { S3Error } from "../s3-error.ts";
import type { Notification } from "../store/buckets.ts";
import { requireBucket } from "../store/require-bucket.ts";
import { childrenNamed, childText, readXml, requiredText, type XmlElement } from "../xml/read-xml.ts";
import { element, type Xml, xmlDocument } from "../xml/write-xml.ts";
import { type Operation, onBucket, type S3Call } from "./operation.ts";

/** The service that a target belongs to, the element of its configuration, and the element that names the target. */
const TARGETS = [
  { service: ":sqs:", configuration: "QueueConfiguration", target: "Queue" },
  { service: ":lambda:", configuration: "CloudFunctionConfiguration", target: "CloudFunction" },
  { service: ":sns:", configuration: "TopicConfiguration", target: "Topic" },
] as const;

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketNotificationConfiguration.html */
export const putBucketNotification: Operation = {
  needs: (request) => [onBucket(request, "s3:PutBucketNotification")],
  async run(call) {
    const { request, store } = call;
    const notifications = readNotifications(await readText(request, call.body));
    if (request.header("x-amz-skip-destination-validation") !== "true") {
      await validateDestinations(call, notifications);
    }
    await store.database.transaction(() => {
      store.buckets.update(requireBucket(store, request.bucket).name, { settings: { notifications } });
    });
    return EMPTY;
  },
};

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketNotificationConfiguration.html */
export const getBucketNotification: Operation = {
  needs: (request) => [onBucket(request, "s3:GetBucketNotification")],
  async run({ request, store }) {
    const { notifications } = requireBucket(store, request.bucket).settings;
    return xmlReply(xmlDocument("NotificationConfiguration", notifications.map(notificationElement)));
  },
};

/** @throws {S3Error} `NotImplemented` for a function, which nobody calls here; `InvalidArgument` if a test event does not arrive. */
async function validateDestinations(call: S3Call, notifications: readonly Notification[]): Promise<void> {
  const { request, deliver, now } = call;
  const targets = new Set(notifications.map(({ targetArn }) => targetArn));
  if ([...targets].some((target) => target.includes(":lambda:"))) {
    throw new S3Error(
      "NotImplemented",
      "The local S3 calls no functions: name a queue that one is fed from.",
    );
  }
  for (const target of [...targets].filter(getsTestEvent)) {
    try {
      if (deliver === undefined) throw new Error("no events are delivered from here");
      await deliver(target, testEvent(request.bucket, now(), request.id));
    } catch (cause) {
      throw new S3Error("InvalidArgument", "Unable to validate the following destination configurations", {
        cause,
        details: { ArgumentName: target, ArgumentValue: "The destination takes no test event." },
      });
    }
  }
}

function readNotifications(document: string): Notification[] {
  const root = readXml(document, "NotificationConfiguration");
  if (childrenNamed(root, "EventBridgeConfiguration").length > 0) {
    throw new S3Error("NotImplemented", "EventBridge is not implemented by the local S3.");
  }
  return TARGETS.flatMap(({ service, configuration, target }) =>
    childrenNamed(root, configuration).map((each, index) => {
      const targetArn = requiredText(each, target);
      if (!targetArn.includes(service)) throw new S3Error("InvalidArgument", "The ARN is not well formed");
      const events = childrenNamed(each, "Event").map(({ text }) => text);
      if (!events.every(isRaisedHere)) {
        throw new S3Error("InvalidArgument", "The event is not supported for notifications");
      }
      return {
        id: childText(each, "Id") ?? `${target}-${index + 1}`,
        targetArn,
        events,
        prefix: "",
        suffix: "",
        ...readFilter(each),
      };
    }),
  );
}

function readFilter(configuration: XmlElement): { prefix?: string; suffix?: string } {
  const rules = childrenNamed(configuration, "Filter")
    .flatMap((filter) => childrenNamed(filter, "S3Key"))
    .flatMap((key) => childrenNamed(key, "FilterRule"));
  return Object.fromEntries(
    rules.map((rule) => {
      const name = requiredText(rule, "Name").toLowerCase();
      if (name !== "prefix" && name !== "suffix")
        throw new S3Error("InvalidArgument", "Unknown filter rule.");
      return [name, requiredText(rule, "Value")];
    }),
  );
}

function notificationElement({ id, targetArn, events, prefix, suffix }: Notification): Xml {
  const { configuration, target } = TARGETS.find(({ service }) => targetArn.includes(service)) ?? TARGETS[0];
  const rules = Object.entries({ prefix, suffix })
    .filter(([, value]) => value !== "")
    .map(([name, value]) => element("FilterRule", element("Name", name), element("Value", value)));
  return element(
    configuration,
    element("Id", id),
    element(target, targetArn),
    events.map((event) => element("Event", event)),
    rules.length === 0 ? undefined : element("Filter", element("S3Key", rules)),
  );
}
