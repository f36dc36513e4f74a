import { explainFailure } from "../../cloud/explain-failure.ts";
import { judgeFailure } from "../exit-codes.ts";

/** What a check found. `remedy` is what to do about what is wrong. */
export type Finding = { check: string } & (
  | { state: "ok"; says: string }
  | { state: "wrong"; says: string; remedy: string }
);

/** A check by itself; it throws what it could not look at. */
export type Check = { check: string; run(): Promise<{ says: string; remedy?: string }> };

/** Runs a check; what it throws is wrong too. */
export async function carryOutCheck({ check, run }: Check): Promise<Finding> {
  try {
    const { says, remedy } = await run();
    return remedy === undefined ? { check, state: "ok", says } : { check, state: "wrong", says, remedy };
  } catch (error) {
    return { check, state: "wrong", says: judgeFailure(error).sentence, remedy: remedyFor(error) };
  }
}

/** Those sentences that say what to do need no more said. */
function remedyFor(error: unknown): string {
  const known = explainFailure(error);
  if (known === undefined) return "this is a fault of Noteferry itself: please report it";
  if (known.mayPass && known.code !== "auth") return "this may pass: run noteferry doctor again in a minute";
  return known.code === "fault" ? "run it again; if it stays, mend what it names, or deploy again" : "";
}
