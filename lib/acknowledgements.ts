import { CfnElement, Stack, Validations } from "aws-cdk-lib";
import type { Bucket } from "aws-cdk-lib/aws-s3";
import type { Secret } from "aws-cdk-lib/aws-secretsmanager";
import type { IConstruct } from "constructs";

/** Tells cdk-nag why a step may use every object of a bucket, or every one in a folder of it. */
export function acknowledgeAllObjects(
  step: IConstruct,
  bucket: Bucket,
  reason: string,
  folder?: string,
): void {
  const element = bucket.node.defaultChild;
  if (!CfnElement.isCfnElement(element)) throw new Error(`${bucket.node.path} is not a bucket of this stack`);
  const id = String(Stack.of(bucket).resolve(element.logicalId));
  Validations.of(step).acknowledge({
    id: `AwsSolutions-IAM5[Resource::<${id}.Arn>/${folder === undefined ? "" : `${folder}/`}*]`,
    reason,
  });
}

/** Tells cdk-nag why a step may use whatever an ARN with a wildcard stands for. */
export function acknowledgeWildcard(step: IConstruct, arn: string, reason: string): void {
  const shown = arn.replaceAll(
    /\$\{Token\[(AWS\.\w+)[^\]]*\]\}/g,
    (_, name) => `<${name.replace(".", "::")}>`,
  );
  Validations.of(step).acknowledge({ id: `AwsSolutions-IAM5[Resource::${shown}]`, reason });
}

/** Tells cdk-nag why AWS does not rotate a secret. */
export function acknowledgeNoRotation(secret: Secret, reason: string): void {
  Validations.of(secret).acknowledge({ id: "AwsSolutions-SMG4", reason });
}
