import type * as v from "valibot";
import { findProgramUser, type ProgramUser, UserUnusable } from "../system/program-user.ts";
import type { RunRule } from "../trial/run-rule.ts";
import type { runRules } from "./setting-values.ts";
import { SettingRefused } from "./settings.ts";

/**
 * Looks up the users of rules before anything is delivered: a rule that cannot be kept must not have a version taken back.
 *
 * @throws {SettingRefused} that names the rule
 */
export async function findRuleUsers(
  rules: v.InferOutput<typeof runRules>,
  find: (name: string) => Promise<ProgramUser | undefined> = findProgramUser,
): Promise<RunRule[]> {
  const found: RunRule[] = [];
  for (const [at, { user: name, ...rule }] of rules.entries()) {
    const user = name === undefined ? undefined : await find(name).catch((error) => refuse(at, error));
    found.push({ ...rule, user });
  }
  return found;
}

function refuse(at: number, error: unknown): never {
  if (!(error instanceof UserUnusable)) throw error;
  throw new SettingRefused(`run.${at}.user: ${error.message}`, { cause: error });
}
