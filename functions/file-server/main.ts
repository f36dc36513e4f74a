import { Logger } from "@aws-lambda-powertools/logger";
import { readAwsEnv } from "./aws/aws-env.ts";
import { composeFileServer } from "./compose.ts";
import { readFileServerEnv } from "./env.ts";
import type { Handler } from "./handler.ts";

/** Builds the handler of this execution environment. */
export function createFileServer(env: NodeJS.ProcessEnv): Handler {
  return composeFileServer({
    env: readFileServerEnv(env),
    aws: readAwsEnv(env),
    logger: new Logger({ serviceName: "file-server" }),
    metricsNamespace: env.POWERTOOLS_METRICS_NAMESPACE ?? "Noteferry",
    now: Date.now, // a monotonic clock may stand still while the environment is frozen
  });
}
