import * as v from "valibot";
import { AwsError } from "../aws-json/aws-error.ts";
import type { Operations } from "../aws-json/operation.ts";
import { parseInput } from "../aws-json/parse-input.ts";
import { findVersion } from "./secret-versions.ts";
import { type Secrets, UnknownSecret, VersionExists } from "./secrets.ts";

const Text = v.pipe(v.string(), v.nonEmpty());
const ById = v.object({ SecretId: Text });

const GetInput = v.object({
  SecretId: Text,
  VersionId: v.optional(Text),
  VersionStage: v.optional(Text),
});

const PutInput = v.object({
  SecretId: Text,
  SecretString: v.pipe(v.string(), v.nonEmpty(), v.maxBytes(65_536)),
  ClientRequestToken: v.optional(v.pipe(v.string(), v.minLength(32), v.maxLength(64))),
  VersionStages: v.optional(v.pipe(v.array(Text), v.minLength(1), v.maxLength(20))),
});

/** The calls of Secrets Manager that reading and rotating take; https://docs.aws.amazon.com/secretsmanager/latest/apireference/ */
export function secretsManagerOperations(secrets: Secrets): Operations {
  const find = (input: unknown) => {
    const { SecretId } = parseInput(ById, input);
    try {
      return secrets.find(SecretId);
    } catch (error) {
      return refuse(error);
    }
  };
  return {
    "secretsmanager.GetSecretValue": {
      action: "secretsmanager:GetSecretValue",
      resource: (input) => find(input).arn,
      run(input) {
        const { SecretId, VersionId, VersionStage } = parseInput(GetInput, input);
        const { arn, name } = find(input);
        const version = findVersion(secrets.versions(SecretId), { id: VersionId, stage: VersionStage });
        if (version === undefined) throw notFound("Secrets Manager can't find the specified secret value.");
        return {
          ARN: arn,
          Name: name,
          VersionId: version.id,
          SecretString: version.value,
          VersionStages: version.stages,
          CreatedDate: version.createdAt / 1000,
        };
      },
    },
    "secretsmanager.PutSecretValue": {
      action: "secretsmanager:PutSecretValue",
      resource: (input) => find(input).arn,
      async run(input) {
        const { SecretId, SecretString, ClientRequestToken, VersionStages } = parseInput(PutInput, input);
        const { arn, name } = find(input);
        const version = await secrets
          .put(SecretId, SecretString, { id: ClientRequestToken, stages: VersionStages })
          .catch(refuse);
        return { ARN: arn, Name: name, VersionId: version.id, VersionStages: version.stages };
      },
    },
  };
}

/** Errors of the service's own model; anything else is a fault of ours. */
function refuse(error: unknown): never {
  if (error instanceof UnknownSecret) throw notFound("Secrets Manager can't find the specified secret.");
  if (error instanceof VersionExists) {
    throw new AwsError(
      "ResourceExistsException",
      "A version with this ClientRequestToken has another value.",
    );
  }
  throw error;
}

function notFound(sentence: string): AwsError {
  return new AwsError("ResourceNotFoundException", sentence);
}
