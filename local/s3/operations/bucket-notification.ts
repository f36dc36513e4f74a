import { readText } from "../body/read-text.ts";
import { EMPTY, xmlReply } from "../http/reply.ts";
import { S3Error } from "../s3-error.ts";
import type { Notification } from "../store/buckets.ts";
import { requireBucket } from "../store/require-bucket.ts";
import { childrenNamed, childText, readXml, requiredText, type XmlElement } from "../xml/read-xml.ts";
import { element, type Xml, xmlDocument } from "../xml/write-xml.ts";
import { type Operation, onBucket } from "./operation.ts";

/** Which service a target belongs to, the element of its configuration, and the one that names it. */
const TARGETS = [
  { service: ":sqs:", configuration: "QueueConfiguration", target: "Queue" },
  { service: ":lambda:", configuration: "CloudFunctionConfiguration", target: "CloudFunction" },
  { service: ":sns:", configuration: "TopicConfiguration", target: "Topic" },
] as const;

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketNotificationConfiguration.html */
export const putBucketNotification: Operation = {
  needs: (request) => [onBucket(request, "s3:PutBucketNotification")],
  async run({ request, body, store }) {
    const notifications = readNotifications(await readText(request, body));
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

function readNotifications(document: string): Notification[] {
  const root = readXml(document, "NotificationConfiguration");
  return TARGETS.flatMap(({ service, configuration, target }) =>
    childrenNamed(root, configuration).map((each, index) => {
      const targetArn = requiredText(each, target);
      if (!targetArn.includes(service)) throw new S3Error("InvalidArgument", "The ARN is not well formed");
      return {
        id: childText(each, "Id") ?? `${target}-${index + 1}`,
        targetArn,
        events: childrenNamed(each, "Event").map(({ text }) => text),
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
