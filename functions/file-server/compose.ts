import type { Logger } from "@aws-lambda-powertools/logger";
import { presignS3Url, s3Address } from "../../protocol/presigned-url.ts";
import { createAuthorization } from "./authorization/authorization.ts";
import { createKeptSecret } from "./authorization/kept-secret.ts";
import { createReadAhead } from "./authorization/read-ahead.ts";
import { readSecret } from "./authorization/read-secret.ts";
import { createRefusals } from "./authorization/refusals.ts";
import { usableTokens } from "./authorization/usable-tokens.ts";
import type { AwsEnv } from "./aws/aws-env.ts";
import { createAwsSender } from "./aws/aws-sender.ts";
import { createConnections } from "./aws/connections.ts";
import { createS3FileSource } from "./aws/s3-file-source.ts";
import { countInLog } from "./embedded-metric.ts";
import type { FileServerEnv } from "./env.ts";
import { createHandler, type Handler } from "./handler.ts";

/** Embedded HTTP clients give up when no byte came for 5 s (coreHTTP's default). */
const S3_TIMEOUT_MS = 4000;
const SECRET_TIMEOUT_MS = 2000;
/** For a client that was redirected: long enough for a file on a slow line, as S3 looks at the time once, when a request begins. [NF-12.5] */
const PRESIGNED_SECONDS = 15 * 60;

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
    const address = s3Address(name, region, aws.s3Endpoint);
    const { origin, pathPrefix } = address;
    const connections = createConnections(origin, now);
    const send = createAwsSender(origin, connections, { credentials, region, service: "s3" });
    const source = createS3FileSource({ send, pathPrefix, timeoutMs: S3_TIMEOUT_MS });
    return { address, connections, source };
  };
  const secretsManager = new URL(
    aws.secretsManagerEndpoint ?? `https://secretsmanager.${region}.amazonaws.com`,
  );
  const sendToSecretsManager = createAwsSender(secretsManager, createConnections(secretsManager, now), {
    ...{ credentials, region, service: "secretsmanager" },
  });
  const secret = (name: string, arn: string) => () =>
    readSecret(sendToSecretsManager, { name, arn }, SECRET_TIMEOUT_MS);
  const readTokens = secret("token secret", env.TOKEN_SECRET_ARN);
  const tokens = createReadAhead(
    async () =>
      usableTokens(await readTokens(), (names) =>
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
      tokens: createKeptSecret({
        read: tokens.read,
        now,
        onStale: (cause) => logger.warn("token secret unreadable, using the tokens read before", { cause }),
      }),
      // Read when the first link comes, over the connection by which the tokens came: most servers never see one.
      links: createKeptSecret({
        read: secret("link secret", env.LINK_SECRET_ARN),
        now,
        onStale: (cause) => logger.warn("link secret unreadable, using the one read before", { cause }),
      }),
      onRefused: createRefusals(({ unknownTokens, ...others }) => {
        const metric = countInLog(metricsNamespace, "UnknownTokens", now(), unknownTokens);
        logger.warn("requests refused", { ...others, ...metric });
      }, now),
    }),
    files: files.source,
    packed: packed.source,
    presign: (file) =>
      presignS3Url(
        { address: files.address, ...file, expiresSeconds: PRESIGNED_SECONDS },
        { credentials, region },
        new Date(now()),
      ),
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
