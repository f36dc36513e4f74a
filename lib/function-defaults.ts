import path from "node:path";
import { type Duration, Stack, Stage } from "aws-cdk-lib";
import { type PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Architecture, Function as LambdaFunction, Runtime } from "aws-cdk-lib/aws-lambda";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import { Asset } from "aws-cdk-lib/aws-s3-assets";
import type { Construct } from "constructs";
import { bundleFunction } from "./bundle.ts";
import { fixLogicalId } from "./logical-id.ts";
import { WHEN_THE_STACK_GOES } from "./removal.ts";
import { type AnyWiring, grantsOf, variablesOf } from "./wiring.ts";

/** CloudWatch's namespace of the functions' own metrics: one for each stack, or the alarms of two stages would mix. */
export function metricsNamespace(scope: Construct): string {
  return Stack.of(scope).stackName;
}

/** Folder below `functions/`, and the `service` in its logs and metrics. */
export type FunctionName = "file-notifier" | "file-server" | "delivery-recorder";

export type FunctionOptions = {
  name: FunctionName;
  /** File in its folder, where that is not `index.ts`. */
  entry?: string | undefined;
  description: string;
  timeout: Duration;
  memoryMb: number;
  wiring: AnyWiring;
  /** What it may do beyond its wiring. */
  grants?: readonly PolicyStatement[];
  /** Variables that Node.js itself reads. */
  node?: Readonly<Record<string, string>>;
  reservedConcurrency?: number | undefined;
  logRetentionDays: number;
};

/** A function with what all of ours have in common. The logical ids of its role and its logs begin with its own. */
export function createFunction(
  scope: Construct,
  logicalId: string,
  options: FunctionOptions,
): LambdaFunction {
  const logGroup = new LogGroup(scope, "Logs", {
    retention: options.logRetentionDays,
    removalPolicy: WHEN_THE_STACK_GOES.logs,
  });
  // A role of its own: the one that Lambda offers may write to every log group of the account.
  const role = new Role(scope, "Role", { assumedBy: new ServicePrincipal("lambda.amazonaws.com") });
  logGroup.grantWrite(role);
  for (const grant of [...grantsOf(options.wiring), ...(options.grants ?? [])]) role.addToPolicy(grant);
  const bundle = bundleFunction(options.name, options.entry);
  const created = new LambdaFunction(scope, "Function", {
    description: options.description,
    code: bundle.code,
    handler: "index.handler",
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64, // a fifth cheaper by the millisecond
    timeout: options.timeout,
    memorySize: options.memoryMb,
    role,
    logGroup,
    environment: {
      ...variablesOf(options.wiring),
      ...options.node,
      POWERTOOLS_SERVICE_NAME: options.name,
      POWERTOOLS_METRICS_NAMESPACE: metricsNamespace(scope),
      POWERTOOLS_LOG_LEVEL: "INFO",
    },
    ...(options.reservedConcurrency === undefined
      ? {}
      : { reservedConcurrentExecutions: options.reservedConcurrency }),
  });
  created.node.addValidation({ validate: () => bundle.differences(stagedFolder(created)) });
  fixLogicalId(created, logicalId);
  fixLogicalId(role, `${logicalId}Role`);
  fixLogicalId(logGroup, `${logicalId}Logs`);
  return created;
}

/** Where the function's code lies in the cloud assembly, for `cdk deploy` to upload. */
function stagedFolder(created: LambdaFunction): string {
  const asset = created.node.findChild("Code");
  const stage = Stage.of(created);
  if (!(asset instanceof Asset) || stage === undefined) throw new TypeError("the code is no asset of an app");
  return path.resolve(stage.outdir, asset.assetPath);
}
