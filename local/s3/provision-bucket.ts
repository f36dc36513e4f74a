import * as v from "valibot";
import { PolicyStatement } from "../iam/policy-statement.ts";
import type { CorsRule } from "./store/buckets.ts";
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
  cors?: readonly Partial<CorsRule>[];
  /** Objects are deleted this many days after they were stored. */
  expireAfterDays?: number;
  policy?: readonly PolicyStatement[];
};

/** Makes the bucket so; its objects stay as they are. */
export function provisionBucket(store: Store, now: number, provision: BucketProvision): void {
  const { name, versioning, expireAfterDays } = provision;
  store.database.transactionNow(() => {
    const before = store.buckets.find(name);
    if (before === undefined) store.buckets.create(name, now);
    const hadVersions = (before?.versioning ?? "") !== "";
    store.buckets.update(name, {
      versioning: versioning ? "Enabled" : hadVersions ? "Suspended" : "",
      settings: {
        notifications: provision.notifications.map(
          ({ events, prefix = "", suffix = "", targetArn }, index) => ({
            id: `notification-${index + 1}`,
            targetArn,
            events: [...events],
            prefix,
            suffix,
          }),
        ),
        cors: (provision.cors ?? []).map((rule) => ({ ...NO_CORS, ...rule })),
        expirations: expireAfterDays === undefined ? [] : [{ prefix: "", days: expireAfterDays }],
        policy: v.parse(v.array(PolicyStatement), provision.policy ?? []),
      },
    });
  });
}

const NO_CORS: CorsRule = { origins: [], methods: [], headers: [], expose: [] };
