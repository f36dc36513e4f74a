import { CloudFormationClient, DescribeStacksCommand } from "@aws-sdk/client-cloudformation";
import { stackName } from "../../protocol/stack-name.ts";
import { clientConfig } from "./client-config.ts";
import type { ClientSettings, Deployment } from "./deployment.ts";
import { OperatorError } from "./operator-error.ts";

/**
 * The stack of a stage in AWS, by the outputs that CloudFormation tells.
 *
 * @param settings for another address than AWS's own
 * @throws {OperatorError} `not-found` if there is none in this account and region, `usage` without a region.
 */
export async function findDeployedStack(
  stage: string | undefined,
  signal: AbortSignal,
  settings: ClientSettings = {},
): Promise<Deployment & { status: string }> {
  const client = new CloudFormationClient(clientConfig(settings));
  try {
    const region = await client.config.region().catch((cause: unknown) => {
      throw new OperatorError("usage", "no AWS region is chosen: set AWS_REGION, or one for AWS_PROFILE", {
        cause,
      });
    });
    const StackName = stackName(stage);
    const reply = await client
      .send(new DescribeStacksCommand({ StackName }), { abortSignal: signal })
      .catch((error: unknown) => notThere(error, region));
    const [stack] = reply?.Stacks ?? [];
    if (stack === undefined) {
      throw new OperatorError(
        "not-found",
        `there is no stack ${StackName} in ${region}: deploy it, or choose by AWS_PROFILE, AWS_REGION and --stage`,
      );
    }
    const outputs = (stack.Outputs ?? []).map(({ OutputKey = "", OutputValue = "" }) => [
      OutputKey,
      OutputValue,
    ]);
    const services = { ...settings, region };
    return {
      name: StackName,
      local: false,
      status: stack.StackStatus ?? "",
      outputs: Object.fromEntries(outputs),
      aws: services,
      s3: services,
    };
  } finally {
    client.destroy();
  }
}

/** CloudFormation has no error of its own for a stack that is not there: all it says is ValidationError. */
function notThere(error: unknown, region: string): undefined {
  if (error instanceof Error && error.name === "ValidationError") return undefined;
  if (error instanceof Error && "code" in error && error.code === "ENOTFOUND") {
    const why = `is this machine online, and is ${region} a region of AWS?`;
    throw new OperatorError("fault", `there is no connection (${error.message}): ${why}`, {
      cause: error,
      mayPass: true,
    });
  }
  throw error;
}
