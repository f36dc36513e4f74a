import { startEventSourceMapping } from "../aws/lambda/event-source-mapping.ts";
import { type LocalFunction, startFunction } from "../aws/lambda/function.ts";
import { serveFunctionUrl } from "../aws/lambda/function-url.ts";
import type { InvokeResult } from "../aws/lambda/invoke-result.ts";
import type { Queues } from "../aws/sqs/queues.ts";
import type { LoopbackServer } from "../host/loopback/loopback-server.ts";
import type { Deployment } from "../template/deployment.ts";
import { TemplateError } from "../template/intrinsics.ts";
import type { Credentials } from "./credentials.ts";
import { LOCAL_ACCOUNT } from "./identity.ts";

/** Environments of one function at a time, where the template reserves none. */
const CONCURRENCY = 4;

export type RunningFunctions = {
  byArn: ReadonlyMap<string, LocalFunction>;
  stop(): Promise<void>;
};

/** One run of a function, whoever asked for it. */
export type Invocation = {
  /** Of the function, in the template. */
  id: string;
  memoryMb: number;
  event: unknown;
  result: InvokeResult;
  /** With the start of an environment where there was none; on this machine. */
  milliseconds: number;
};

/** Where the functions find the local services, by the SDK's own variables. */
type ServiceEndpoints = { s3: string; aws: string };

/**
 * Starts the template's functions with what feeds them: queues and the function URLs.
 *
 * @throws {TemplateError} where a mapping or a URL names a function that does not exist, or may not be called.
 */
export function startFunctions(options: {
  deployment: Deployment;
  credentials: Credentials;
  queues: Queues;
  endpoints: ServiceEndpoints;
  /** Of the CA behind the endpoints. */
  caFile: string;
  /** By the logical ids of the template's function URLs. */
  functionUrls: Readonly<Record<string, LoopbackServer>>;
  onLog: (functionId: string, line: string) => void;
  observe?: ((invocation: Invocation) => void) | undefined;
}): RunningFunctions {
  const { deployment, queues } = options;
  const byArn = new Map(
    deployment.functions.map((described) => {
      const { reservedConcurrency = CONCURRENCY, roleArn, id, ...rest } = described;
      const local = startFunction({
        ...rest,
        environment: { ...described.environment, ...serviceVariables(options.endpoints, options.caFile) },
        credential: options.credentials.forRole(roleArn),
        region: LOCAL_ACCOUNT.region,
        maxConcurrency: Math.min(reservedConcurrency, CONCURRENCY),
        onLog: (line) => options.onLog(id, line),
      });
      return [described.arn, observed(local, described, options.observe)] as const;
    }),
  );
  const target = (arn: string) => {
    const found = byArn.get(arn);
    if (found === undefined) throw new TemplateError(`the template has no function ${arn}`);
    return found;
  };
  const mappings = deployment.eventSourceMappings.map(({ queueArn, functionArn, ...mapping }) =>
    startEventSourceMapping({
      ...mapping,
      queue: queues.get(queueArn),
      target: target(functionArn),
      onLog: (line) => options.onLog("event source mapping", line),
    }),
  );
  for (const url of deployment.functionUrls) {
    const server = options.functionUrls[url.id];
    if (server === undefined)
      throw new TemplateError(`the local stack has no port for the function URL ${url.id}`);
    checkPublic(deployment, url);
    serveFunctionUrl({ server, target: target(url.functionArn), accountId: LOCAL_ACCOUNT.accountId });
  }
  return {
    byArn,
    async stop() {
      await Promise.all(mappings.map((mapping) => mapping.stop()));
      await Promise.all(Object.values(options.functionUrls).map((server) => server.close()));
      await Promise.all([...byArn.values()].map((local) => local.stop()));
    },
  };
}

function observed(
  local: LocalFunction,
  { id, memoryMb }: Deployment["functions"][number],
  observe: ((invocation: Invocation) => void) | undefined,
): LocalFunction {
  if (observe === undefined) return local;
  return {
    ...local,
    async invoke(event, signal) {
      const began = performance.now();
      const result = await local.invoke(event, signal);
      observe({ id, memoryMb, event, result, milliseconds: performance.now() - began });
      return result;
    },
  };
}

function serviceVariables(endpoints: ServiceEndpoints, caFile: string): Record<string, string> {
  return {
    AWS_ENDPOINT_URL_S3: endpoints.s3,
    AWS_ENDPOINT_URL_SQS: endpoints.aws,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: endpoints.aws,
    AWS_ENDPOINT_URL_DYNAMODB: endpoints.aws,
    AWS_ENDPOINT_URL_IOT: endpoints.aws,
    AWS_ENDPOINT_URL_IOT_JOBS_DATA_PLANE: endpoints.aws,
    NODE_EXTRA_CA_CERTS: caFile,
  };
}

/** Lambda answers 403 unless both are granted; https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html */
function checkPublic(deployment: Deployment, url: Deployment["functionUrls"][number]): void {
  for (const action of ["lambda:InvokeFunctionUrl", "lambda:InvokeFunction"]) {
    const granted = deployment.permissions.some(
      (permission) =>
        permission.action === action &&
        permission.principal === "*" &&
        url.functionArn.endsWith(permission.functionName.slice(permission.functionName.lastIndexOf(":") + 1)),
    );
    if (url.authType !== "NONE" || !granted) {
      throw new TemplateError(`the function URL would answer 403: it lacks ${action} for everybody`);
    }
  }
}
