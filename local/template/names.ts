import type { Resource, Template } from "./cloud-assembly.ts";
import { type Scope, TemplateError } from "./intrinsics.ts";

/** Where the deployment lives: what AWS would decide, and the addresses that stand for AWS's own. */
export type Platform = {
  region: string;
  accountId: string;
  stackName: string;
  /** Origin of the queue URLs, such as `https://localhost:4572`. */
  sqsOrigin: string;
  /** Origins of the function URLs, by logical id. */
  functionUrlOrigins: Readonly<Record<string, string>>;
};

/** Types that need nothing at run time here: watching, retention and metadata. Their checks are in test/lib. */
const INERT = new Set([
  "AWS::CDK::Metadata",
  "AWS::CloudWatch::Alarm",
  "AWS::CloudWatch::Dashboard",
  "AWS::Logs::LogGroup",
  "AWS::Logs::MetricFilter",
]);

type Names = { ref: string; attributes: Readonly<Record<string, string>> };

/**
 * Gives every resource its physical name, the same in every run, so that a second start finds its data.
 *
 * @throws {TemplateError} for a resource type that the local stack does not run.
 */
export function nameResources(template: Template, platform: Platform): Scope {
  const refs = new Map([
    ["AWS::Region", platform.region],
    ["AWS::AccountId", platform.accountId],
    ["AWS::Partition", "aws"],
    ["AWS::URLSuffix", "amazonaws.com"],
    ["AWS::StackName", platform.stackName],
    [
      "AWS::StackId",
      `arn:aws:cloudformation:${platform.region}:${platform.accountId}:stack/${platform.stackName}`,
    ],
  ]);
  const attributes = new Map<string, string>();
  for (const [id, resource] of Object.entries(template.Resources)) {
    const names = nameOf(id, resource, platform);
    refs.set(id, names.ref);
    for (const [name, value] of Object.entries(names.attributes)) attributes.set(`${id}.${name}`, value);
  }
  return { refs, attributes };
}

/** A name that is put together by intrinsics is not known yet: the logical id is as good. */
function givenName({ Properties }: Resource, property: string): string | undefined {
  const name = Properties[property];
  return typeof name === "string" ? name : undefined;
}

function nameOf(id: string, resource: Resource, platform: Platform): Names {
  const { region, accountId } = platform;
  const arn = (service: string, name: string) => `arn:aws:${service}:${region}:${accountId}:${name}`;
  switch (resource.Type) {
    case "AWS::S3::Bucket": {
      const name = id.toLowerCase().slice(0, 63);
      return { ref: name, attributes: { Arn: `arn:aws:s3:::${name}` } };
    }
    case "AWS::SQS::Queue":
      return {
        ref: `${platform.sqsOrigin}/${accountId}/${id}`,
        attributes: { Arn: arn("sqs", id), QueueName: id },
      };
    case "AWS::Lambda::Function":
      return { ref: id, attributes: { Arn: arn("lambda", `function:${id}`) } };
    case "AWS::Lambda::Url": {
      const origin = platform.functionUrlOrigins[id];
      if (origin === undefined)
        throw new TemplateError(`${id}: the local stack has no port for this function URL`);
      return { ref: id, attributes: { FunctionUrl: `${origin}/` } };
    }
    case "AWS::DynamoDB::Table":
      return { ref: id, attributes: { Arn: arn("dynamodb", `table/${id}`) } };
    case "AWS::Events::Rule":
      return { ref: id, attributes: { Arn: arn("events", `rule/${id}`) } };
    case "AWS::IAM::Role":
      return { ref: id, attributes: { Arn: `arn:aws:iam::${accountId}:role/${id}` } };
    case "AWS::SecretsManager::Secret":
      return {
        ref: arn("secretsmanager", `secret:${id}`),
        attributes: { Id: arn("secretsmanager", `secret:${id}`) },
      };
    case "AWS::IoT::Policy": {
      const name = givenName(resource, "PolicyName") ?? id;
      return { ref: name, attributes: { Arn: arn("iot", `policy/${name}`), Id: name } };
    }
    case "AWS::IoT::TopicRule": {
      const name = givenName(resource, "RuleName") ?? id;
      return { ref: name, attributes: { Arn: arn("iot", `rule/${name}`) } };
    }
    case "AWS::IAM::Policy":
    case "AWS::Lambda::EventSourceMapping":
    case "AWS::Lambda::Permission":
    case "AWS::S3::BucketPolicy":
    case "AWS::SQS::QueuePolicy":
      return { ref: id, attributes: {} };
    default:
      if (INERT.has(resource.Type)) return { ref: id, attributes: { Arn: arn("inert", id) } };
      throw new TemplateError(`${id}: the local stack does not run ${resource.Type}`);
  }
}
