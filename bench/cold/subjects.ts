import { mkdirSync } from "node:fs";
import path from "node:path";
import { writeBundle } from "../../lib/bundle.ts";
import { TOKEN } from "./aws-server.ts";

/** One bundle to measure: its file, the environment variables it starts with, and the event it is called with. */
export type Subject = {
  name: string;
  bundle: string;
  env: Record<string, string>;
  event: object;
  /** Whether AWS IoT's client is in it. */
  hasIot: boolean;
};

/** A device asks for the first bytes of a file. */
const ASKED = {
  rawPath: "/",
  rawQueryString: "file=file&size=6000",
  headers: { authorization: `Bearer ${TOKEN}` },
  requestContext: { http: { method: "GET" } },
};

/** What S3 sends when notifications are set up: nothing is to be done, so that what is measured is the start. */
const BATCH = {
  Records: [
    {
      ...{ messageId: "1", receiptHandle: "1", eventSource: "aws:sqs", body: '{"Event":"s3:TestEvent"}' },
      attributes: { ApproximateReceiveCount: "1" },
    },
  ],
};

/** Bundles the handlers as for deployment. */
export function buildSubjects(folder: string, origin: string): Subject[] {
  const env = {
    AWS_REGION: "eu-west-1",
    AWS_ACCESS_KEY_ID: "AKIAIOSFODNN7EXAMPLE",
    AWS_SECRET_ACCESS_KEY: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    AWS_SESSION_TOKEN: "session",
    AWS_ENDPOINT_URL_S3: origin,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: origin,
    FILES_BUCKET: "files",
    PACKED_BUCKET: "packed",
    TOKEN_SECRET_ARN: "arn:aws:secretsmanager:eu-west-1:123456789012:secret:tokens",
    LINK_SECRET_ARN: "arn:aws:secretsmanager:eu-west-1:123456789012:secret:links",
  };
  const notifierEnv = {
    ...env,
    ...{ ANNOUNCEMENTS_BUCKET: "announcements", DELIVERY_TABLE: "deliveries", MAX_RECEIVES: "5" },
    ...{ QUEUE_URL: `${origin}/queue`, DEAD_LETTER_QUEUE_URL: `${origin}/dead` },
    ...{ NOTEHUB_URL: origin, NOTEHUB_PROJECT_UID: "app:1", NOTEHUB_SECRET_ARN: env.TOKEN_SECRET_ARN },
    ...{ MAX_FILE_BYTES: "1000000", FLEET_ANNOUNCEMENTS: "variable", NOTEHUB_CALLS_PER_MINUTE: "7" },
    ...{ PRUNE: "false", PATCH_MAX_BYTES: "1000", ZSTD_MAX_BYTES: "1000", PACK_SECONDS: "10" },
    POWERTOOLS_METRICS_NAMESPACE: "Noteferry",
  };
  const iotEnv = {
    ...notifierEnv,
    ...{ IOT_ARN_PREFIX: "arn:aws:iot:eu-west-1:123456789012:", IOT_JOB_SETTINGS: "{}" },
    FILE_SERVER_URL: "https://localhost",
  };
  return [
    bundled("file-server", "functions/file-server/index.ts", env, ASKED),
    bundled("client-s3", "bench/cold/client-s3-handler.ts", env, ASKED),
    bundled("notifier", "functions/file-notifier/index.ts", notifierEnv, BATCH),
    bundled("notifier, iot", "functions/file-notifier/with-iot/index.ts", iotEnv, BATCH),
  ];

  function bundled(name: string, entry: string, env: Record<string, string>, event: object): Subject {
    const output = path.join(folder, name);
    mkdirSync(output);
    const notices = writeBundle(entry, output).get("THIRD-PARTY-NOTICES");
    const hasIot = Buffer.from(notices ?? []).includes("@aws-sdk/client-iot");
    return { name, bundle: path.join(output, "index.cjs"), env, event, hasIot };
  }
}
