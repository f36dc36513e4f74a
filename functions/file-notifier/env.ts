import * as v from "valibot";
import { parseTarget } from "../../protocol/target.ts";

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
  DEFAULT_TARGET: v.optional(
    v.pipe(
      v.string(),
      v.check((uid) => parseTarget(uid) !== undefined, "expected dev:… or fleet:…"),
    ),
  ),
  /** Times that a message is received before SQS puts it among the dead letters. */
  MAX_RECEIVES: v.pipe(v.string(), v.digits()),
  /** Bytes; larger files are refused. */
  MAX_FILE_BYTES: v.pipe(v.string(), v.digits()),
  /** Bucket of what is packed, and of what is known of it; absent: nothing is packed, and the next three do not count. */
  PACKED_BUCKET: v.optional(NonEmpty),
  /** Bytes: patches are made between contents of at most so many. */
  PATCH_MAX_BYTES: v.optional(v.pipe(v.string(), v.digits())),
  /** Bytes: larger contents are not compressed. */
  ZSTD_MAX_BYTES: v.optional(v.pipe(v.string(), v.digits())),
  /** How long the packing of a version may take. */
  PACK_SECONDS: v.optional(v.pipe(v.string(), v.digits())),
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
