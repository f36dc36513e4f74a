import { parseTarget } from "../../../protocol/target.ts";
import type { Deployment } from "../../cloud/deployment.ts";
import { openFleets } from "../../cloud/fleets/open-fleets.ts";
import { tellAnew } from "../../cloud/fleets/tell-anew.ts";
import { requireThings } from "../../cloud/iot/require-things.ts";
import { createMembership } from "../../cloud/membership.ts";
import { openProject } from "../../cloud/notehub/open-project.ts";
import { openFileQueues } from "../../cloud/queues/file-queues.ts";
import { tellNotifier } from "../../cloud/queues/tell-notifier.ts";
import type { CliContext } from "../context.ts";
import { printJson, say } from "../terminal/print.ts";
import type { ResendFlags } from "./flags.ts";

/**
 * A thing or a group is told anew by one job. What a thing has from its groups only a job for the whole group tells, which costs an execution
 * for each of its things: that is said, and not done.
 */
export async function resendToThings(
  context: CliContext,
  deployment: Deployment,
  target: string,
  { dryRun, json }: ResendFlags,
): Promise<void> {
  const { signal } = context;
  requireThings(deployment);
  using fleets = openFleets(deployment, signal);
  const project = () => openProject(deployment, signal);
  const membership = createMembership(deployment, project, signal);
  const isThing = parseTarget(target)?.kind === "thing";
  const things = isThing ? [] : await membership.devicesOf(target);
  const others = isThing ? await membership.ownersOf(target) : [];
  const groups = await Promise.all(
    others.slice(1).map(async (group) => ({ group, files: filesIn(await fleets.state(group)) })),
  );
  const byGroups = groups.filter(({ files }) => files > 0);
  const state = await fleets.state(target);
  const files = filesIn(state);
  if (state !== undefined || byGroups.length === 0) {
    const message = tellAnew(target, state);
    if (dryRun !== true) {
      using queues = openFileQueues(deployment);
      await tellNotifier(queues, message, signal);
    }
    const asked = dryRun === true ? "would be told" : "is told";
    const many = isThing ? "one job execution" : counted(things.length, "job execution");
    say(
      context,
      `${target} ${asked} anew of ${counted(files, "file")}, by ${many}: noteferry status ${target} --watch shows what comes of it`,
    );
  } else say(context, `${target} has no files of its own`);
  for (const { group, files: its } of byGroups)
    say(
      context,
      `${counted(its, "file")} more come by ${group}: noteferry resend ${group} tells all of its things`,
    );
  if (json)
    printJson(context, {
      ...{ target, files, things: isThing ? 1 : things.length },
      byGroups: Object.fromEntries(byGroups.map(({ group, files: its }) => [group, its])),
    });
}

function filesIn(state: { files: Readonly<Record<string, unknown>> } | undefined): number {
  return Object.keys(state?.files ?? {}).length;
}

function counted(many: number, what: string): string {
  return many === 1 ? `1 ${what}` : `${many} ${what}s`;
}
