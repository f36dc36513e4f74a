import { RetentionDays } from "aws-cdk-lib/aws-logs";
import * as v from "valibot";
import { isStage } from "../protocol/stack-name.ts";
import { isNotehubUid } from "../protocol/target.ts";
import { Abort, Retry, Rollout, TIMEOUT_MAX_MINUTES } from "./job-settings.ts";

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;

const LOG_RETENTION_DAYS = Object.values(RetentionDays).filter(
  (days): days is RetentionDays => typeof days === "number" && days !== RetentionDays.INFINITE,
);

/** A number as cdk.json holds it, or text as `-c` gives it, which must print back as it was written. */
const WholeNumber = v.pipe(
  v.unknown(),
  v.transform((found) =>
    typeof found === "string" && String(Number(found)) === found ? Number(found) : found,
  ),
  v.number(),
  v.safeInteger(),
);

/** As cdk.json holds it, or as `-c` gives it. */
const Flag = v.pipe(
  v.unknown(),
  v.transform((found) => (found === "true" || found === "false" ? found === "true" : found)),
  v.boolean(),
);

const ProjectUid = v.pipe(v.string(), v.regex(/^app:[0-9a-z-]{1,64}$/i));
const ProductUid = v.pipe(
  v.string(),
  v.regex(/^[0-9a-z_-]+(\.[0-9a-z_-]+)+:[0-9a-z._:-]+$/i),
  v.maxLength(255),
);
const TopicArn = v.pipe(
  v.string(),
  v.regex(/^arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[0-9A-Za-z_-]{1,256}$/),
);

const TargetUid = v.pipe(v.string(), v.check(isNotehubUid));

const Origin = v.pipe(
  v.string(),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const origin = parseOrigin(dataset.value);
    if (origin !== undefined) return origin;
    addIssue();
    return NEVER;
  }),
);

const Settings = v.object({
  /** Tells apart several deployments in one account; unset: the only one. */
  stage: v.optional(v.pipe(v.string(), v.check(isStage))),
  /** Notehub project that the devices belong to; the UID of a product in it serves as well. */
  project: v.union([ProjectUid, ProductUid]),
  /** Product UID that the devices are set to; the deployment only repeats it in its outputs. */
  product: v.optional(ProductUid),
  /** Who gets files whose key names nobody; unset: nobody. */
  defaultTarget: v.optional(TargetUid),
  /** How fleets hear of files: by one variable, by a Note for each device and file, or by both. */
  fleetAnnouncements: v.optional(v.picklist(["variable", "notes", "both"]), "variable"),
  /** Calls to Notehub that variables may take in a minute: its smallest plan is said to allow 7. */
  notehubCallsPerMinute: v.optional(v.pipe(WholeNumber, v.minValue(1), v.maxValue(10_000)), 7),
  /** Whether devices remove a file once it has left their fleet. */
  prune: v.optional(Flag, false),
  /** Larger files are refused. Beyond 5 GiB the notifier could not read a file within its time-out. */
  maxFileBytes: v.optional(v.pipe(WholeNumber, v.minValue(1), v.maxValue(5 * GIB)), 5 * GIB),
  /** Origin of the Notehub API, without a trailing slash. */
  notehubUrl: v.optional(Origin, "https://api.notefile.net"),
  /** How long the functions' logs are kept. */
  logRetentionDays: v.optional(v.pipe(WholeNumber, v.values(LOG_RETENTION_DAYS)), RetentionDays.THREE_MONTHS),
  /** SNS topic that the alarms notify; unset: they only show in the console. */
  alarmTopicArn: v.optional(TopicArn),
  /** Whom the alarms tell by electronic mail, once that address has said yes to AWS; unset: nobody. */
  alarmEmail: v.optional(v.pipe(v.string(), v.trim(), v.maxLength(254), v.email())),
  /** Whether X-Ray traces the functions. It is paid by the trace. */
  tracing: v.optional(Flag, false),
  /** Whether S3 writes down who asked for which file. */
  accessLogs: v.optional(Flag, false),
  /** Most file-server environments at a time, reserved from the account's; unset: as many as the account has. */
  fileServerConcurrency: v.optional(v.pipe(WholeNumber, v.minValue(1), v.maxValue(1000))),
  /** Whether new contents are compressed, and patches made from those before. */
  packing: v.optional(v.picklist(["on", "off"]), "on"),
  /** Patches are made between contents of at most so many bytes: two of them fill the window that a device holds. */
  patchMaxBytes: v.optional(v.pipe(WholeNumber, v.minValue(0), v.maxValue(4 * MIB)), 2 * MIB),
  /** Larger contents are not compressed: the notifier holds a frame until it is stored. */
  zstdMaxBytes: v.optional(v.pipe(WholeNumber, v.minValue(0), v.maxValue(256 * MIB)), 64 * MIB),
  /** How long packing may wait for its turn, and then take: both come out of the five minutes of an invocation. */
  packSeconds: v.optional(v.pipe(WholeNumber, v.minValue(1), v.maxValue(120)), 60),
  /** Memory of the notifier, and with it its CPU; unset: what packing needs, or less without. */
  notifierMemoryMb: v.optional(v.pipe(WholeNumber, v.minValue(512), v.maxValue(10_240))),
  /** Whether AWS IoT's things and groups of things get files, besides Notehub's devices and fleets. The settings below are about that alone. */
  iot: v.optional(v.picklist(["on", "off"]), "off"),
  /** Whether who joins a group later gets its files: CONTINUOUS; or who is in it when they are told: SNAPSHOT. */
  iotTargetSelection: v.optional(v.picklist(["CONTINUOUS", "SNAPSHOT"]), "CONTINUOUS"),
  /** How fast the things of a group are told; unset: as fast as AWS IoT does. */
  iotRollout: v.optional(Rollout),
  /** After which share of failures the rest of a group is not told; unset: all are told. */
  iotAbort: v.optional(Abort),
  /** How often AWS IoT tells a thing again that failed or timed out; unset: never. */
  iotRetry: v.optional(Retry),
  /** After so many minutes a thing that began with a job has failed; unset: never. */
  iotTimeoutMinutes: v.optional(v.pipe(WholeNumber, v.minValue(1), v.maxValue(TIMEOUT_MAX_MINUTES))),
});

/** What is chosen when the stack is synthesised. */
export type Settings = Readonly<v.InferOutput<typeof Settings>>;

/** What to tell a person who got a setting wrong. */
const HELP: Readonly<Record<keyof Settings, { expected: string; example: string }>> = {
  stage: { expected: "at most 32 letters, digits and hyphens, beginning with a letter", example: "staging" },
  project: {
    expected: "the UID of a Notehub project (app:…) or product (com.company:thing)",
    example: "app:…",
  },
  product: { expected: "the UID of a Notehub product", example: "com.company:thing" },
  defaultTarget: { expected: "a device (dev:…) or a fleet (fleet:…)", example: "dev:…" },
  fleetAnnouncements: { expected: "variable, notes or both", example: "both" },
  notehubCallsPerMinute: { expected: "a number from 1 to 10000", example: "7" },
  prune: { expected: "true or false", example: "true" },
  maxFileBytes: { expected: `a number of bytes from 1 to ${5 * GIB}`, example: "104857600" },
  notehubUrl: { expected: "an https address without a path", example: "https://api.notefile.net" },
  logRetentionDays: {
    expected: `a number of days that CloudWatch Logs offers (${LOG_RETENTION_DAYS.join(", ")})`,
    example: "90",
  },
  alarmTopicArn: {
    expected: "the ARN of an SNS topic",
    example: "arn:aws:sns:eu-central-1:123456789012:alarms",
  },
  alarmEmail: { expected: "an address of electronic mail", example: "ops@example.com" },
  tracing: { expected: "true or false", example: "true" },
  accessLogs: { expected: "true or false", example: "true" },
  fileServerConcurrency: { expected: "a number from 1 to 1000", example: "50" },
  packing: { expected: "on or off", example: "off" },
  patchMaxBytes: { expected: `a number of bytes from 0 to ${4 * MIB}`, example: "1048576" },
  zstdMaxBytes: { expected: `a number of bytes from 0 to ${256 * MIB}`, example: "16777216" },
  packSeconds: { expected: "a number from 1 to 120", example: "30" },
  notifierMemoryMb: { expected: "a number of megabytes from 512 to 10240", example: "1769" },
  iot: { expected: "on or off", example: "on" },
  iotTargetSelection: { expected: "CONTINUOUS or SNAPSHOT", example: "SNAPSHOT" },
  iotRollout: {
    expected: "an object of maximumPerMinute (1 to 1000) and exponentialRate, as CreateJob has them",
    example: `'{"maximumPerMinute":50}'`,
  },
  iotAbort: {
    expected: "a list of up to 4 of failureType, thresholdPercentage and minNumberOfExecutedThings",
    example: `'[{"failureType":"FAILED","thresholdPercentage":20,"minNumberOfExecutedThings":10}]'`,
  },
  iotRetry: {
    expected: "a list of up to 2 of failureType (FAILED, TIMED_OUT or ALL) and numberOfRetries (0 to 10)",
    example: `'[{"failureType":"TIMED_OUT","numberOfRetries":2}]'`,
  },
  iotTimeoutMinutes: { expected: `a number from 1 to ${TIMEOUT_MAX_MINUTES}`, example: "1440" },
};

/** Settings with which nothing can be synthesised; the message has one line for each. */
export class SettingsRefused extends Error {
  override name = "SettingsRefused" as const;
}

/**
 * Reads the settings from the cdk context (`-c`, cdk.json, cdk.context.json), where CDK keeps entries of its own.
 *
 * @throws {SettingsRefused} that names each setting that is missing, wrong or unknown.
 */
export function parseSettings(context: Readonly<Record<string, unknown>>): Settings {
  const unknown = Object.keys(context).filter(isUnknown).map(refuseUnknown);
  const parsed = v.safeParse(Settings, context);
  if (parsed.success && unknown.length === 0) return parsed.output;
  const wrong = new Set(parsed.issues?.map((issue) => v.getDotPath(issue)?.split(".")[0]));
  const refused = Object.entries(HELP).filter(([name]) => wrong.has(name));
  const lines = refused.map(
    ([name, { expected, example }]) =>
      `setting ${name}: expected ${expected}, found ${show(context[name])}; give it in cdk.json, under context, or with -c ${name}=${example}`,
  );
  throw new SettingsRefused([...lines, ...unknown].join("\n"));
}

/** CDK's own entries have a colon, a slash or a hyphen in their names; ours do not, unless misspelt. */
function isUnknown(name: string): boolean {
  if (Object.hasOwn(HELP, name)) return false;
  return /^\w*$/.test(name) || Object.keys(HELP).some((known) => bare(known) === bare(name));
}

function bare(name: string): string {
  return name.replaceAll(/[^0-9A-Za-z]/g, "").toLowerCase();
}

function refuseUnknown(name: string): string {
  return `setting ${abbreviate(name)}: unknown; the settings are ${Object.keys(HELP).join(", ")}`;
}

function show(found: unknown): string {
  return found === undefined ? "nothing" : abbreviate(JSON.stringify(found) ?? String(found));
}

function abbreviate(text: string): string {
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}

/** Plain http would show the Notehub token to the network, so it is accepted for this machine alone. */
function parseOrigin(text: string): string | undefined {
  if (!/^https?:\/\/[^/?#@\\\s]+\/?$/i.test(text)) return undefined;
  const url = URL.parse(text);
  if (url?.protocol === "http:" && url.hostname !== "localhost" && url.hostname !== "127.0.0.1")
    return undefined;
  return url?.origin;
}
