import * as v from "valibot";
import { type ResolvedResource, readResources } from "./resource-reader.ts";

const Generate = v.object({
  SecretStringTemplate: v.optional(v.string()),
  GenerateStringKey: v.optional(v.string()),
  PasswordLength: v.optional(v.number()),
  ExcludeCharacters: v.optional(v.string()),
  ExcludePunctuation: v.optional(v.boolean()),
  ExcludeLowercase: v.optional(v.boolean()),
  ExcludeUppercase: v.optional(v.boolean()),
  ExcludeNumbers: v.optional(v.boolean()),
  IncludeSpace: v.optional(v.boolean()),
  RequireEachIncludedType: v.optional(v.boolean()),
});

const SecretProperties = v.object({
  GenerateSecretString: v.optional(Generate),
  SecretString: v.optional(v.string()),
});

export type SecretDeployment = {
  id: string;
  arn: string;
  name: string;
  /** Absent: the secret has no value until somebody puts one. */
  initial?: string | { generate: v.InferOutput<typeof Generate> };
};

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-secretsmanager-secret.html */
export function readSecrets(resources: readonly ResolvedResource[]): SecretDeployment[] {
  return readResources(resources, "AWS::SecretsManager::Secret", SecretProperties).map(
    ({ id, ref, properties }) => {
      const secret = { id, arn: ref, name: id };
      if (properties.SecretString !== undefined) return { ...secret, initial: properties.SecretString };
      if (properties.GenerateSecretString === undefined) return secret;
      return { ...secret, initial: { generate: properties.GenerateSecretString } };
    },
  );
}
