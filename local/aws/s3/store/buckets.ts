import * as v from "valibot";
import { compilePolicy, type Policy } from "../../iam/evaluate-policy.ts";
import { PolicyStatement } from "../../iam/policy-statement.ts";
import type { Database } from "./database.ts";
import { LifecycleRule } from "./lifecycle.ts";
import { jsonColumn } from "./object-version.ts";

const Strings = v.array(v.string());

const CorsRule = v.object({
  origins: Strings,
  methods: Strings,
  headers: Strings,
  expose: Strings,
  maxAgeSeconds: v.optional(v.number()),
});
export type CorsRule = v.InferOutput<typeof CorsRule>;

const Notification = v.object({
  id: v.string(),
  targetArn: v.string(),
  /** `s3:ObjectCreated:*` and its like. */
  events: Strings,
  prefix: v.optional(v.string(), ""),
  suffix: v.optional(v.string(), ""),
});
export type Notification = v.InferOutput<typeof Notification>;

const BucketSettings = v.object({
  cors: v.array(CorsRule),
  notifications: v.array(Notification),
  lifecycle: v.optional(v.array(LifecycleRule), []),
  policy: v.array(PolicyStatement),
  /** Configurations as they were put, to be read back; those that have an effect are among the other settings too. */
  documents: v.record(v.string(), v.string()),
});
export type BucketSettings = v.InferOutput<typeof BucketSettings>;

const Versioning = v.picklist(["", "Enabled", "Suspended"]);
export type Versioning = v.InferOutput<typeof Versioning>;

const BucketRow = v.object({
  name: v.string(),
  created: v.number(),
  versioning: Versioning,
  settings: jsonColumn(BucketSettings),
});

/** `created` is milliseconds since 1970; `policy` is the bucket's own, ready to be asked. */
export type Bucket = v.InferOutput<typeof BucketRow> & { policy: Policy };

const NO_SETTINGS: BucketSettings = {
  cors: [],
  notifications: [],
  lifecycle: [],
  policy: [],
  documents: {},
};

/** The table `bucket`, held in memory too since every request asks it. Write within a transaction. */
export type Buckets = {
  find(name: string): Bucket | undefined;
  /** By name. */
  list(): Bucket[];
  create(name: string, created: number): void;
  /** @throws {PolicyError} */
  update(name: string, change: { versioning?: Versioning; settings?: Partial<BucketSettings> }): void;
  delete(name: string): void;
};

export function openBuckets(db: Database): Buckets {
  const insert = db.prepare("INSERT INTO bucket VALUES (?, ?, '', ?)");
  const save = db.prepare("UPDATE bucket SET versioning = ?, settings = ? WHERE name = ?");
  const remove = db.prepare("DELETE FROM bucket WHERE name = ?");
  const readAll = db.prepare("SELECT * FROM bucket");
  const read = db.prepare("SELECT * FROM bucket WHERE name = ?");
  const buckets = new Map<string, Bucket>();

  function load(row: unknown): void {
    const bucket = v.parse(BucketRow, row);
    buckets.set(bucket.name, { ...bucket, policy: compilePolicy(bucket.settings.policy, "resource") });
  }
  function loadAll(): void {
    buckets.clear();
    for (const row of readAll.all()) load(row);
  }
  loadAll();
  db.onRollback(loadAll);

  return {
    find: (name) => buckets.get(name),
    list: () => [...buckets.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
    create(name, created) {
      insert.run(name, created, JSON.stringify(NO_SETTINGS));
      load(read.get(name));
    },
    update(name, change) {
      const bucket = buckets.get(name);
      if (bucket === undefined) throw new Error(`bucket ${name} does not exist`);
      const settings = { ...bucket.settings, ...change.settings };
      compilePolicy(settings.policy, "resource"); // refused before it is stored
      save.run(change.versioning ?? bucket.versioning, JSON.stringify(settings), name);
      load(read.get(name));
    },
    delete(name) {
      remove.run(name);
      buckets.delete(name);
    },
  };
}
