import type { Logger } from "@aws-lambda-powertools/logger";
import { createAuthorization } from "./authorization/authorization.ts";
import { createReadAhead } from "./authorization/read-ahead.ts";
import { createRefusals } from "./authorization/refusals.ts";
import { readTokenSecret } from "./authorization/token-secret.ts";
import type { AwsEnv } from "./aws/aws-env.ts";
import { createAwsSender } from "./aws/aws-sender.ts";
import { createConnections } from "./aws/connections.ts";
import { createS3FileSource, s3Address } from "./aws/s3-file-source.ts";
import { countInLog } from "./embedded-metric.ts";
import type { FileServerEnv } from "./env.ts";
import { createHandler, type Handler } from "./handler.ts";

/** Embedded HTTP clients give up when no byte came for 5 s (coreHTTP's default). */
const S3_TIMEOUT_MS = 4000;
const SECRET_TIMEOUT_MS = 2000;

/** What the file-server has around it. */
export type Surroundings = {
  env: FileServerEnv;
  aws: AwsEnv;
  logger: Logger;
  /** CloudWatch's namespace of the stack's own metrics. */
  metricsNamespace: string;
  /** Milliseconds since the epoch. */
  now: () => number;
};

/** The function of one execution environment. */
export type FileServer = {
  handler: Handler;
  /** Begins what the first request will need: reads the tokens, connects to S3. It may fail, and costs nothing then but time. */
  warmUp(): void;
};

/** Joins the adapters and the flow to the handler of one execution environment. */
export function composeFileServer(surroundings: Surroundings): FileServer {
  const { env, aws, logger, metricsNamespace, now } = surroundings;
  const { region, credentials } = aws;
  const bucket = (name: string) => {
    const { origin, pathPrefix } = s3Address(name, region, aws.s3Endpoint);
    const connections = createConnections(origin, now);
    const send = createAwsSender(origin, connections, { credentials, region, service: "s3" });
    return { connections, source: createS3FileSource({ send, pathPrefix, timeoutMs: S3_TIMEOUT_MS }) };
  };
  const secretsManager = new URL(
    aws.secretsManagerEndpoint ?? `https://secretsmanager.${region}.amazonaws.com`,
  );
  const sendToSecretsManager = createAwsSender(secretsManager, createConnections(secretsManager, now), {
    ...{ credentials, region, service: "secretsmanager" },
  });
  const tokens = createReadAhead(
    () =>
      readTokenSecret(sendToSecretsManager, env.TOKEN_SECRET_ARN, SECRET_TIMEOUT_MS, (names) =>
        logger.error("token unusable", {
          tokens: names,
          ...countInLog(metricsNamespace, "TokensUnusable", now()),
        }),
      ),
    SECRET_TIMEOUT_MS,
    now,
  );
  const files = bucket(env.FILES_BUCKET);
  const packed = bucket(env.PACKED_BUCKET);
  const handler = createHandler({
    authorize: createAuthorization({
      read: tokens.read,
      now,
      onRefused: createRefusals(({ unknownTokens, withoutToken }) => {
        const metric = countInLog(metricsNamespace, "UnknownTokens", now(), unknownTokens);
        logger.warn("requests refused", { withoutToken, ...metric });
      }, now),
      onStale: (cause) => logger.warn("token secret unreadable, using the tokens read before", { cause }),
    }),
    files: files.source,
    packed: packed.source,
    logger,
  });
  return {
    handler,
    warmUp() {
      tokens.begin();
      for (const { connections } of [files, packed]) connections.open();
    },
  };
}
