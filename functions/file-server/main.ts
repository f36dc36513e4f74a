import { Logger } from "@aws-lambda-powertools/logger";
import { createAuthorization } from "./authorization/authorization.ts";
import { readTokenSecret } from "./authorization/token-secret.ts";
import { readAwsEnv } from "./aws/aws-env.ts";
import { createAwsSender } from "./aws/aws-sender.ts";
import { createS3FileSource, s3Address } from "./aws/s3-file-source.ts";
import { readFileServerEnv } from "./env.ts";
import { createHandler } from "./handler.ts";

/** Embedded HTTP clients give up when no byte came for 5 s (coreHTTP's default). */
const S3_TIMEOUT_MS = 4000;
const SECRET_TIMEOUT_MS = 2000;

/** Builds the function from its environment variables. */
export function createFileServer(env: NodeJS.ProcessEnv): ReturnType<typeof createHandler> {
  const { FILES_BUCKET, TOKEN_SECRET_ARN } = readFileServerEnv(env);
  const { region, credentials, s3Endpoint, secretsManagerEndpoint } = readAwsEnv(env);
  const logger = new Logger({ serviceName: "file-server" });
  const s3 = s3Address(FILES_BUCKET, region, s3Endpoint);
  const sendToS3 = createAwsSender(s3.origin, { credentials, region, service: "s3" });
  const sendToSecretsManager = createAwsSender(
    new URL(secretsManagerEndpoint ?? `https://secretsmanager.${region}.amazonaws.com`),
    { credentials, region, service: "secretsmanager" },
  );
  return createHandler({
    authorize: createAuthorization({
      read: () => readTokenSecret(sendToSecretsManager, TOKEN_SECRET_ARN, SECRET_TIMEOUT_MS),
      now: () => Date.now(), // a monotonic clock may stand still while the environment is frozen
      onStale: (cause) => logger.warn("token secret unreadable, using the tokens read before", { cause }),
    }),
    files: createS3FileSource({ send: sendToS3, pathPrefix: s3.pathPrefix, timeoutMs: S3_TIMEOUT_MS }),
    logger,
  });
}
