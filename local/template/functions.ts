import * as v from "valibot";
import { TemplateError } from "./intrinsics.ts";
import { type ResolvedResource, readResources } from "./resource-reader.ts";

const FunctionProperties = v.object({
  Code: v.object({ S3Key: v.string() }),
  Handler: v.string(),
  Role: v.string(),
  Runtime: v.literal("nodejs24.x"),
  Environment: v.optional(v.object({ Variables: v.record(v.string(), v.string()) })),
  Timeout: v.optional(v.number(), 3),
  MemorySize: v.optional(v.number(), 128),
  ReservedConcurrentExecutions: v.optional(v.number()),
});

const MappingProperties = v.object({
  EventSourceArn: v.string(),
  FunctionName: v.string(),
  BatchSize: v.optional(v.number(), 10),
  FunctionResponseTypes: v.optional(v.array(v.string()), []),
  ScalingConfig: v.optional(v.object({ MaximumConcurrency: v.optional(v.number()) })),
});

const UrlProperties = v.object({ TargetFunctionArn: v.string(), AuthType: v.picklist(["NONE", "AWS_IAM"]) });

/** A function of the template; `codeDir` is its bundle's folder. */
export type FunctionDeployment = {
  id: string;
  name: string;
  arn: string;
  roleArn: string;
  codeDir: string;
  handler: string;
  environment: Readonly<Record<string, string>>;
  timeoutSeconds: number;
  memoryMb: number;
  reservedConcurrency: number | undefined;
};

export type EventSourceMappingDeployment = {
  queueArn: string;
  functionArn: string;
  batchSize: number;
  reportBatchItemFailures: boolean;
  maximumConcurrency: number | undefined;
};

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-function.html */
export function readFunctions(
  resources: readonly ResolvedResource[],
  arnOf: (id: string) => string,
  assetFolders: ReadonlyMap<string, string>,
): FunctionDeployment[] {
  return readResources(resources, "AWS::Lambda::Function", FunctionProperties).map(
    ({ id, ref, properties }) => {
      const codeDir = assetFolders.get(properties.Code.S3Key.replace(/\.zip$/, ""));
      if (codeDir === undefined) throw new TemplateError(`${id}: its bundle is not in the cloud assembly`);
      return {
        id,
        name: ref,
        arn: arnOf(id),
        roleArn: properties.Role,
        codeDir,
        handler: properties.Handler,
        environment: properties.Environment?.Variables ?? {},
        timeoutSeconds: properties.Timeout,
        memoryMb: properties.MemorySize,
        reservedConcurrency: properties.ReservedConcurrentExecutions,
      };
    },
  );
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-eventsourcemapping.html */
export function readEventSourceMappings(
  resources: readonly ResolvedResource[],
  arnOf: (id: string) => string,
): EventSourceMappingDeployment[] {
  return readResources(resources, "AWS::Lambda::EventSourceMapping", MappingProperties).map(
    ({ properties }) => {
      return {
        queueArn: properties.EventSourceArn,
        // `FunctionName` may be a name or an ARN.
        functionArn: properties.FunctionName.startsWith("arn:")
          ? properties.FunctionName
          : arnOf(properties.FunctionName),
        batchSize: properties.BatchSize,
        reportBatchItemFailures: properties.FunctionResponseTypes.includes("ReportBatchItemFailures"),
        maximumConcurrency: properties.ScalingConfig?.MaximumConcurrency,
      };
    },
  );
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-url.html */
export function readFunctionUrls(
  resources: readonly ResolvedResource[],
): { id: string; functionArn: string; authType: "NONE" | "AWS_IAM" }[] {
  return readResources(resources, "AWS::Lambda::Url", UrlProperties).map(({ id, properties }) => ({
    id,
    functionArn: properties.TargetFunctionArn,
    authType: properties.AuthType,
  }));
}
