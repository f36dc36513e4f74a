import path from "node:path";
import { isStage } from "../../protocol/stack-name.ts";
import { type Environment, regionOf, withHint } from "./aws-environment.ts";
import type { Deployment } from "./deployment.ts";
import { readLocalDeployment } from "./local-deployment.ts";
import { OperatorError } from "./operator-error.ts";

/** Which deployment a person means. */
export type Where = {
  local: boolean | undefined;
  /** Data folder of the local stack. */
  data: string | undefined;
  stage: string | undefined;
};

/**
 * Finds the outputs and the addresses of a deployment.
 *
 * @param where `onlyAws`: for what the local stack does not have, so that no hint leads to it
 * @throws {OperatorError} that says what to do instead.
 */
export async function findDeployment(
  { local, data, stage, onlyAws = false }: Where & { onlyAws?: boolean },
  { cwd, signal, env }: { cwd: string; signal: AbortSignal; env: Environment },
): Promise<Deployment> {
  if (data !== undefined && local !== true) throw new OperatorError("usage", "--data goes with --local");
  if (stage !== undefined && local === true)
    throw new OperatorError("usage", "the local stack has no --stage");
  if (stage !== undefined && !isStage(stage)) {
    throw new OperatorError("usage", `a --stage has letters, digits and hyphens; ${stage} is none`);
  }
  if (local === true) return await readLocalDeployment(path.resolve(cwd, data ?? ".noteferry"));
  const { findDeployedStack } = await import("./deployed-stack.ts"); // the local stack needs no CloudFormation
  const region = regionOf(env);
  try {
    return await findDeployedStack(stage, signal, region === undefined ? {} : { region });
  } catch (error) {
    throw withHint(error, env, onlyAws);
  }
}
