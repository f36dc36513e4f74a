import { mkdirSync } from "node:fs";
import path from "node:path";
import { writeBundle } from "../../lib/bundle.ts";
import { TOKEN } from "./aws-server.ts";

/** One bundle to measure: its file, the environment variables it starts with, and the event it is called with. */
export type Subject = { name: string; bundle: string; env: Record<string, string>; event: object };

/** Bundles both handlers as for deployment. */
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
  const event = {
    rawPath: "/",
    rawQueryString: "file=file&size=6000",
    headers: { authorization: `Bearer ${TOKEN}` },
    requestContext: { http: { method: "GET" } },
  };
  const entries = {
    "file-server": "functions/file-server/index.ts",
    "client-s3": "bench/cold/client-s3-handler.ts",
  };
  return Object.entries(entries).map(([name, entry]) => {
    const output = path.join(folder, name);
    mkdirSync(output);
    writeBundle(entry, output);
    const bundle = path.join(output, "index.cjs");
    return { name, bundle, env, event };
  });
}
