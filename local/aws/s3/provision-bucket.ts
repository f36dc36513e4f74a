import * as v from "valibot";
import { PolicyStatement } from "../iam/policy-statement.ts";
import { isRaisedHere } from "./events/notification.ts";
import { getsTestEvent, testEvent } from "./events/test-event.ts";
import { newRequestId } from "./http/s3-request.ts";
import type { CorsRule, Notification } from "./store/buckets.ts";
import { LifecycleRule } from "./store/lifecycle.ts";
import type { Store } from "./store/store.ts";

/** A bucket as a template describes it. */
export type BucketProvision = {
  name: string;
  versioning: boolean;
  /** `events` as `s3:ObjectCreated:*`. */
  notifications: readonly {
    targetArn: string;
    events: readonly string[];
    prefix?: string;
    suffix?: string;
  }[];
  cors?: readonly CorsRule[];
  lifecycle?: readonly LifecycleRule[];
  policy?: readonly PolicyStatement[];
};

/**
 * Makes a bucket as described, or an existing one so; its objects stay as they are. Notifications that are new are
 * tried with a test event, as S3 does.
 *
 * @param delivers whether somebody takes events.
 * @throws {PolicyError} for a policy that cannot be evaluated here.
 * @throws {Error} for an event that is not raised here.
 */
export function provisionBucket(
  store: Store,
  provision: BucketProvision,
  { now, delivers }: { now: number; delivers: boolean },
): void {
  const { name, versioning } = provision;
  const notifications = notificationsOf(provision);
  store.database.transactionNow(() => {
    const before = store.buckets.find(name);
    if (before === undefined) store.buckets.create(name, now);
    const hadVersions = (before?.versioning ?? "") !== "";
    store.buckets.update(name, {
      versioning: versioning ? "Enabled" : hadVersions ? "Suspended" : "",
      settings: {
        notifications,
        cors: [...(provision.cors ?? [])],
        lifecycle: v.parse(v.array(LifecycleRule), provision.lifecycle ?? []),
        policy: v.parse(v.array(PolicyStatement), provision.policy ?? []),
        documents: withoutOverridden(before?.settings.documents ?? {}),
      },
    });
    const isNew = JSON.stringify(before?.settings.notifications ?? []) !== JSON.stringify(notifications);
    if (!delivers || !isNew) return;
    for (const target of new Set(notifications.map(({ targetArn }) => targetArn))) {
      if (getsTestEvent(target)) store.outbox.add(target, "", testEvent(name, now, newRequestId()));
    }
  });
}

/** What was put by hand and says what the template now says is not read back any more. */
function withoutOverridden(documents: Record<string, string>): Record<string, string> {
  const { CORSConfiguration, LifecycleConfiguration, Policy, ...kept } = documents;
  return kept;
}

function notificationsOf({ name, notifications }: BucketProvision): Notification[] {
  return notifications.map(({ events, prefix = "", suffix = "", targetArn }, index) => {
    const unknown = events.find((event) => !isRaisedHere(event));
    if (unknown !== undefined) throw new Error(`bucket ${name}: the local S3 never raises ${unknown}`);
    return { id: `notification-${index + 1}`, targetArn, events: [...events], prefix, suffix };
  });
}
