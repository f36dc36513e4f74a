import { matchesWildcard } from "../../iam/wildcard.ts";
import type { Notification } from "../store/buckets.ts";
import type { EventName } from "./event.ts";

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html */
export function wantsEvent(notification: Notification, name: EventName, key: string): boolean {
  return (
    key.startsWith(notification.prefix) &&
    key.endsWith(notification.suffix) &&
    notification.events.some((pattern) => matchesWildcard(pattern, `s3:${name}`))
  );
}
