import { readBuckets } from "./buckets.ts";
import type { CloudAssembly } from "./cloud-assembly.ts";
import { readEventSourceMappings, readFunctions, readFunctionUrls } from "./functions.ts";
import { resolveIntrinsics, TemplateError } from "./intrinsics.ts";
import { readIotPolicies, readTopicRules } from "./iot.ts";
import { nameResources, type Platform } from "./names.ts";
import { readPermissions, readQueueStatements, readRolePolicies, readTrust } from "./policies.ts";
import { readQueues } from "./queues.ts";
import type { ResolvedResource } from "./resource-reader.ts";
import { readRules } from "./rules.ts";
import { readSecrets } from "./secrets.ts";
import { readTables } from "./tables.ts";

/** What a template deploys, in the terms of the local services. */
export type Deployment = {
  buckets: ReturnType<typeof readBuckets>;
  queues: ReturnType<typeof readQueues>;
  /** What is sent to queues on a schedule. */
  rules: ReturnType<typeof readRules>;
  functions: ReturnType<typeof readFunctions>;
  eventSourceMappings: ReturnType<typeof readEventSourceMappings>;
  functionUrls: ReturnType<typeof readFunctionUrls>;
  tables: ReturnType<typeof readTables>;
  secrets: ReturnType<typeof readSecrets>;
  /** What each role may do. */
  rolePolicies: ReturnType<typeof readRolePolicies>;
  /** Who may take on each role. */
  trust: ReturnType<typeof readTrust>;
  /** The policies of queues. */
  queueStatements: ReturnType<typeof readQueueStatements>;
  /** Whom the functions let call them. */
  permissions: ReturnType<typeof readPermissions>;
  /** What devices of AWS IoT may do. */
  iotStatements: ReturnType<typeof readIotPolicies>;
  topicRules: ReturnType<typeof readTopicRules>;
  outputs: ReadonlyMap<string, string>;
};

/**
 * Resolves a template as CloudFormation would deploy it on `platform`.
 *
 * @throws {TemplateError} that names the resource and what is wrong with it.
 */
export function readDeployment(assembly: CloudAssembly, platform: Platform): Deployment {
  const { template } = assembly;
  const scope = nameResources(template, platform);
  const resources = Object.entries(template.Resources).map(([id, resource]): ResolvedResource => {
    const ref = scope.refs.get(id);
    if (ref === undefined) throw new TemplateError(`${id} has no name`);
    return { id, type: resource.Type, ref, properties: resolveIntrinsics(resource.Properties, scope, id) };
  });
  const arnOf = (id: string) => scope.attributes.get(`${id}.Arn`) ?? id;
  const queues = readQueues(resources, arnOf);
  return {
    buckets: readBuckets(resources),
    queues,
    rules: readRules(resources, arnOf, queues),
    functions: readFunctions(resources, arnOf, assembly.assetFolders),
    eventSourceMappings: readEventSourceMappings(resources, arnOf),
    functionUrls: readFunctionUrls(resources),
    tables: readTables(resources, arnOf),
    secrets: readSecrets(resources),
    rolePolicies: readRolePolicies(resources, arnOf),
    trust: readTrust(resources, arnOf),
    queueStatements: readQueueStatements(resources),
    permissions: readPermissions(resources),
    iotStatements: readIotPolicies(resources),
    topicRules: readTopicRules(resources, arnOf, queues),
    outputs: new Map(
      Object.entries(template.Outputs).map(([name, output]) => [
        name,
        String(resolveIntrinsics(output.Value, scope, `Outputs.${name}`)),
      ]),
    ),
  };
}
