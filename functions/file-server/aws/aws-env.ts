import * as v from "valibot";
import type { AwsCredentials } from "../../../protocol/aws-signature.ts";

const NonEmpty = v.pipe(v.string(), v.nonEmpty());

/** https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime */
const Env = v.object({
  AWS_REGION: NonEmpty,
  AWS_ACCESS_KEY_ID: NonEmpty,
  AWS_SECRET_ACCESS_KEY: NonEmpty,
  AWS_SESSION_TOKEN: v.optional(NonEmpty),
  /** https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html */
  AWS_ENDPOINT_URL_S3: v.optional(v.pipe(v.string(), v.url())),
  AWS_ENDPOINT_URL_SECRETS_MANAGER: v.optional(v.pipe(v.string(), v.url())),
});

/** What Lambda tells every function about itself; the endpoints only where something stands in for AWS. */
export type AwsEnv = {
  region: string;
  credentials: AwsCredentials;
  s3Endpoint: string | undefined;
  secretsManagerEndpoint: string | undefined;
};

/** @throws {Error} that names the variable that is missing or wrong. */
export function readAwsEnv(env: NodeJS.ProcessEnv): AwsEnv {
  const parsed = v.safeParse(Env, env);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    throw new Error(`environment variable ${v.getDotPath(issue)}: missing or wrong`); // its value may be a secret
  }
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = parsed.output;
  return {
    region: parsed.output.AWS_REGION,
    credentials: {
      accessKeyId: AWS_ACCESS_KEY_ID,
      secretAccessKey: AWS_SECRET_ACCESS_KEY,
      sessionToken: AWS_SESSION_TOKEN,
    },
    s3Endpoint: parsed.output.AWS_ENDPOINT_URL_S3,
    secretsManagerEndpoint: parsed.output.AWS_ENDPOINT_URL_SECRETS_MANAGER,
  };
}
