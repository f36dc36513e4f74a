import { matchesWildcard } from "../../iam/wildcard.ts";
import type { Notification } from "../store/buckets.ts";
import { EVENT_NAMES, type EventName } from "./event.ts";

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html */
export function wantsEvent(notification: Notification, name: EventName, key: string): boolean {
  return (
    key.startsWith(notification.prefix) &&
    key.endsWith(notification.suffix) &&
    notification.events.some((pattern) => matchesWildcard(pattern, `s3:${name}`))
  );
}

/**
 * Whether events like this one, such as `s3:ObjectCreated:*`, are ever raised here: for any other a notification would
 * wait in vain.
 */
export function isRaisedHere(pattern: string): boolean {
  return EVENT_NAMES.some((name) => pattern === `s3:${name}` || pattern === `s3:${name.split(":")[0]}:*`);
}
