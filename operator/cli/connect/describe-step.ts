import type { RouteStep } from "../../cloud/notehub/plan-routes.ts";

/** What is done about a route, as a sentence that a person may see: no header's value is in it. */
export function describeStep(step: RouteStep, dryRun: boolean | undefined): string {
  const { wanted } = step;
  const name = wanted.type === "proxy" ? `proxy route ${wanted.alias}` : `route of ${wanted.notefile}`;
  const would = dryRun === true ? "would be " : "";
  if (step.action === "keep") return `${name}: as it should be (${step.uid})`;
  if (step.action === "create") {
    return `${name}: ${would}made, to ${wanted.url} with the header ${Object.keys(wanted.headers).join(", ")}`;
  }
  return `${name}: ${would}mended (${step.uid}): ${step.changes.join("; ")}`;
}
