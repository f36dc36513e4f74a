import { Logger } from "@aws-lambda-powertools/logger";
import { readAwsEnv } from "./aws/aws-env.ts";
import { composeFileServer, type FileServer } from "./compose.ts";
import { readFileServerEnv } from "./env.ts";

/** Builds the function of this execution environment. */
export function createFileServer(env: NodeJS.ProcessEnv): FileServer {
  return composeFileServer({
    env: readFileServerEnv(env),
    aws: readAwsEnv(env),
    logger: new Logger({ serviceName: "file-server" }),
    metricsNamespace: env.POWERTOOLS_METRICS_NAMESPACE ?? "Noteferry",
    now: Date.now, // a monotonic clock may stand still while the environment is frozen
  });
}
