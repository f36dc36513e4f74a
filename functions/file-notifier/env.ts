import * as v from "valibot";
import { isStage } from "../../protocol/stack-name.ts";
import { isNotehubUid } from "../../protocol/target.ts";

const NonEmpty = v.pipe(v.string(), v.nonEmpty());

const Env = v.object({
  /** Bucket of the notifier's own state: what was claimed and announced. Never the files bucket. */
  ANNOUNCEMENTS_BUCKET: NonEmpty,
  QUEUE_URL: NonEmpty,
  DEAD_LETTER_QUEUE_URL: NonEmpty,
  /** DynamoDB table of what each device was told, has and said. */
  DELIVERY_TABLE: NonEmpty,
  /** Origin of the Notehub API, without a trailing slash. */
  NOTEHUB_URL: v.pipe(v.string(), v.url()),
  /** `app:…` */
  NOTEHUB_PROJECT_UID: NonEmpty,
  /** Secret with `{"token": …}` or `{"clientId": …, "clientSecret": …}`. */
  NOTEHUB_SECRET_ARN: NonEmpty,
  /** `dev:…` or `fleet:…`; absent when no default target was chosen. */
  DEFAULT_TARGET: v.optional(v.pipe(v.string(), v.check(isNotehubUid, "expected dev:… or fleet:…"))),
  /** Times that a message is received before SQS puts it among the dead letters. */
  MAX_RECEIVES: v.pipe(v.string(), v.digits()),
  /** Bytes; larger files are refused. */
  MAX_FILE_BYTES: v.pipe(v.string(), v.digits()),
  /** What the keys of fleets are in, for the sweep. Each event names its bucket besides. */
  FILES_BUCKET: NonEmpty,
  /** How fleets hear of files. */
  FLEET_ANNOUNCEMENTS: v.picklist(["variable", "notes", "both"]),
  /** Calls to Notehub that variables may take in a minute. */
  NOTEHUB_CALLS_PER_MINUTE: v.pipe(v.string(), v.regex(/^[1-9][0-9]{0,5}$/)),
  /** Whether devices remove what has left their fleet's manifest. */
  PRUNE: v.picklist(["true", "false"]),
  /** In the names of variables; absent: the only deployment of the project. */
  STAGE: v.optional(v.pipe(v.string(), v.check(isStage, "expected a stage"))),
  /** Bucket of what is packed, and of what is known of it, and of manifests. */
  PACKED_BUCKET: NonEmpty,
  /** Bytes: patches are made between contents of at most so many. Absent, as are the next two: nothing is packed but manifests. */
  PATCH_MAX_BYTES: v.optional(v.pipe(v.string(), v.digits())),
  /** Bytes: larger contents are not compressed. */
  ZSTD_MAX_BYTES: v.optional(v.pipe(v.string(), v.digits())),
  /** How long the packing of a version may take. */
  PACK_SECONDS: v.optional(v.pipe(v.string(), v.digits())),
  /** `arn:<partition>:iot:<region>:<account>:`; present where things are reached by AWS IoT, and then so are the next three. */
  IOT_ARN_PREFIX: v.optional(NonEmpty),
  /** JSON: how jobs are carried out. */
  IOT_JOB_SETTINGS: v.optional(NonEmpty),
  /** Origin of the file-server, where things fetch. */
  FILE_SERVER_URL: v.optional(v.pipe(v.string(), v.url())),
  /** Secret that signs what things are let in by, `{"current": text, "previous": text}`. */
  LINK_SECRET_ARN: v.optional(NonEmpty),
});

/** The notifier's own environment variables; `lib/file-notifier.ts` sets exactly these. */
export type FileNotifierEnv = v.InferOutput<typeof Env>;

/** @throws {Error} that names the variable that is missing or wrong. */
export function readFileNotifierEnv(env: NodeJS.ProcessEnv): FileNotifierEnv {
  const parsed = v.safeParse(Env, env);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw new Error(`environment variable ${v.getDotPath(issue)}: ${issue.message}`);
}
