import type { Deployment } from "../../cloud/deployment.ts";
import { findDeployment } from "../../cloud/find-deployment.ts";
import { OperatorError } from "../../cloud/operator-error.ts";
import type { CliContext } from "../context.ts";
import { colour, printJson } from "../terminal/print.ts";
import { printable } from "../terminal/printable.ts";
import type { WithJson } from "../where.ts";
import { carryOutCheck, type Finding } from "./check.ts";
import { checksOf } from "./checks.ts";
import { forDeployment } from "./for-deployment.ts";

/** Without credentials or a stack there is nothing to check: that failure says what to do by itself. */
export async function runDoctor(this: CliContext, flags: WithJson): Promise<void> {
  const deployment: Deployment & { status?: string } = await findDeployment(flags, this);
  const findings: Finding[] = [];
  for (const check of checksOf(deployment, this.signal)) {
    const found = await carryOutCheck(check);
    this.signal.throwIfAborted(); // an interrupted check has found nothing
    const finding =
      found.state === "wrong" ? { ...found, remedy: forDeployment(found.remedy, flags) } : found;
    findings.push(finding);
    if (!flags.json) this.process.stdout.write(format(this, finding));
  }
  if (flags.json) printJson(this, { deployment: deployment.name, findings });
  const wrong = findings.filter(({ state }) => state === "wrong").length;
  if (wrong > 0)
    throw new OperatorError("fault", `${wrong} of ${findings.length} checks found something wrong`);
}

/** The state is a word too: colours alone would tell nobody who does not see them. */
function format(context: CliContext, finding: Finding): string {
  const { stdout } = context.process;
  const mark =
    finding.state === "ok"
      ? colour(context, stdout, "green", "ok   ")
      : colour(context, stdout, "red", "WRONG");
  const remedy =
    finding.state === "wrong" && finding.remedy !== "" ? `\n       ${printable(finding.remedy)}` : "";
  return `${mark}  ${finding.check}: ${printable(finding.says)}${remedy}\n`;
}
