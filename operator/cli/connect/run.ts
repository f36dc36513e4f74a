import { findDeployment } from "../../cloud/find-deployment.ts";
import { openProject } from "../../cloud/notehub/open-project.ts";
import { planRoutes, type RouteStep } from "../../cloud/notehub/plan-routes.ts";
import { carryOut, readRoutes } from "../../cloud/notehub/routes.ts";
import { wantedRoutes } from "../../cloud/notehub/wanted-routes.ts";
import { OperatorError } from "../../cloud/operator-error.ts";
import { readSecret } from "../../cloud/secret-value.ts";
import type { CliContext } from "../context.ts";
import { printJson, say } from "../terminal/print.ts";
import { describeStep } from "./describe-step.ts";
import type { ConnectFlags } from "./flags.ts";

export async function runConnect(this: CliContext, flags: ConnectFlags): Promise<void> {
  const deployment = await findDeployment(flags, this);
  const wanted = await wantedRoutes(deployment, flags, (arn) => readSecret(deployment, arn, this.signal));
  const api = await openProject(deployment, this.signal);
  const steps = planRoutes(wanted, await readRoutes(api));
  for (const step of steps) {
    say(this, describeStep(step, flags.dryRun));
    for (const uid of step.doubles) {
      const kept = step.action === "create" ? "" : `, and keep ${step.uid}`;
      say(
        this,
        `warning: ${uid} takes the same; which Notehub uses is not known: remove it in Notehub${kept}`,
      );
    }
    if (!flags.dryRun) await carryOut(api, step);
  }
  const changed = steps.some(({ action }) => action !== "keep");
  if (changed && !flags.dryRun) requireKept(planRoutes(wanted, await readRoutes(api)));
  if (flags.json) printJson(this, { routes: steps.map(toJson) });
}

/** Notehub's answer to a change does not tell what became of it: only another look does. */
function requireKept(steps: readonly RouteStep[]): void {
  const lines = steps.filter(({ action }) => action !== "keep").map((step) => describeStep(step, true));
  if (lines.length > 0) throw new OperatorError("fault", "Notehub did not keep all of it:", { lines });
}

function toJson(step: RouteStep) {
  const { action, wanted, doubles } = step;
  return {
    ...{ action, type: wanted.type, label: wanted.label, url: wanted.url, doubles },
    changes: step.action === "change" ? step.changes : [],
  };
}
