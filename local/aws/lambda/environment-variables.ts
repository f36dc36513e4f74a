import { randomUUID } from "node:crypto";
import type { FunctionOptions } from "./function-options.ts";

/** A function's template sets a variable that Lambda keeps for itself: its deployment would fail. */
export class ReservedVariable extends Error {
  override name = "ReservedVariable" as const;
}

/**
 * The whole environment of a function's process. Nothing of ours is inherited, so that a variable missing in the
 * template is missing here too.
 *
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
 *
 * @throws {ReservedVariable} that names the variable.
 */
export function environmentVariables(options: FunctionOptions, runtimeApi: string): Record<string, string> {
  const reserved = reservedVariables(options, runtimeApi);
  for (const name of Object.keys(options.environment)) {
    if (Object.hasOwn(reserved, name)) {
      throw new ReservedVariable(`${options.name}: Lambda does not let a function set ${name}`);
    }
  }
  return {
    LANG: "en_US.UTF-8",
    TZ: ":UTC",
    PATH: "/usr/local/bin:/usr/bin:/bin",
    ...options.environment,
    ...reserved,
  };
}

function reservedVariables(options: FunctionOptions, runtimeApi: string): Record<string, string> {
  const { credential, name } = options;
  const day = new Date().toISOString().slice(0, 10).replaceAll("-", "/");
  return {
    _HANDLER: options.handler,
    AWS_ACCESS_KEY_ID: credential.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credential.secretAccessKey,
    ...(credential.sessionToken === undefined ? {} : { AWS_SESSION_TOKEN: credential.sessionToken }),
    AWS_REGION: options.region,
    AWS_DEFAULT_REGION: options.region,
    AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x",
    AWS_LAMBDA_FUNCTION_NAME: name,
    AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(options.memoryMb),
    AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: `${day}/[$LATEST]${randomUUID().replaceAll("-", "")}`,
    AWS_LAMBDA_RUNTIME_API: runtimeApi,
    LAMBDA_TASK_ROOT: options.codeDir,
    LAMBDA_RUNTIME_DIR: "/var/runtime",
  };
}
