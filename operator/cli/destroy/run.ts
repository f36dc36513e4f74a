import { CloudFormationClient, DescribeStacksCommand } from "@aws-sdk/client-cloudformation";
import { clientConfig } from "../../cloud/client-config.ts";
import { findDeployment } from "../../cloud/find-deployment.ts";
import { OperatorError } from "../../cloud/operator-error.ts";
import { deleteStack } from "../../cloud/stack/delete-stack.ts";
import { type KeptResource, keptResources } from "../../cloud/stack/kept-resources.ts";
import { removalCommands } from "../../cloud/stack/removal-commands.ts";
import type { CliContext } from "../context.ts";
import { confirm } from "../terminal/confirm.ts";
import { say } from "../terminal/print.ts";
import type { DestroyFlags } from "./flags.ts";

export async function runDestroy(this: CliContext, { stage, yes, dryRun }: DestroyFlags): Promise<void> {
  const { name, aws } = await findDeployment(
    { local: undefined, data: undefined, stage, onlyAws: true },
    this,
  );
  const region = aws.region ?? "";
  const client = new CloudFormationClient(clientConfig(aws));
  try {
    const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName: name }), {
      abortSignal: this.signal,
    });
    const [{ StackId = name, EnableTerminationProtection: isGuarded = false } = {}] = Stacks;
    if (isGuarded)
      throw new OperatorError(
        "usage",
        `${name} is protected, as what serves real devices is: aws cloudformation update-termination-protection --no-enable-termination-protection --region ${region} --stack-name ${name}`,
      );
    const kept = await keptResources(client, name, this.signal);
    say(
      this,
      `the stack ${name} in ${region} goes, with its functions, queues, secrets and logs; these stay:`,
    );
    for (const { logicalId, name: its } of kept) this.process.stdout.write(`${logicalId}\t${its}\n`);
    if (dryRun) return;
    if (!yes) await confirm(this, `Delete ${name} in ${region}? Its devices hear of nothing any more.`);
    this.signal.addEventListener("abort", () => say(this, `CloudFormation goes on deleting ${name}`), {
      once: true,
    });
    await deleteStack(
      client,
      StackId,
      ({ logicalId, status, reason }) =>
        say(this, `${outcome(status)} ${logicalId}${reason === undefined ? "" : `: ${reason}`}`),
      this.signal,
    );
    say(this, `${name} is gone`);
    explainKept(this, kept, region);
  } finally {
    client.destroy();
  }
}

const OUTCOMES: Readonly<Record<string, string>> = {
  DELETE_COMPLETE: "deleted",
  DELETE_SKIPPED: "kept",
  DELETE_FAILED: "could not delete",
};

function outcome(status: string): string {
  return OUTCOMES[status] ?? status;
}

function explainKept(context: CliContext, kept: readonly KeptResource[], region: string): void {
  if (kept.length === 0) return;
  say(
    context,
    "what stayed is paid for as before. docs/OPERATIONS.md says how a new deployment takes it over; to remove it for good:",
  );
  for (const resource of kept)
    for (const command of removalCommands(resource, region) ?? [
      `# ${resource.type} ${resource.name}: by its console`,
    ])
      context.process.stdout.write(`${command}\n`);
}
