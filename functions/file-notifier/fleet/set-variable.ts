import type { StoredManifest } from "../../../protocol/fleet-state.ts";
import { parseVariable, variableName } from "../../../protocol/manifest-variable.ts";
import { RetryLater } from "../outcome/retry-later.ts";
import { variableOf } from "./build-manifest.ts";
import type { Variables } from "./ports.ts";
import type { TakeTurn } from "./take-turn.ts";

/** PUTs of one attempt, where an older one keeps arriving after ours. */
const MAX_PUTS = 3;

/**
 * Sets the variable of a fleet, by one request where nothing is in doubt. Otherwise it is read afterwards, and set again where it shows an
 * older manifest: a request that was given up may have arrived late. One with a higher serial, which is not ours, is left. [NF-11.14]
 *
 * @param sending is called before each request that may be heard
 * @throws {RetryLater | Undeliverable}
 */
export async function setVariable(
  { variables, takeTurn, stage }: { variables: Variables; takeTurn: TakeTurn; stage: string | undefined },
  fleet: string,
  manifest: StoredManifest,
  inDoubt: boolean,
  sending: () => void,
  signal: AbortSignal,
): Promise<void> {
  const name = variableName(fleet, stage);
  const value = variableOf(manifest);
  for (let puts = 0; puts < MAX_PUTS; puts += 1) {
    if (puts > 0) await takeTurn(`set ${fleet}`, signal);
    sending();
    await variables.set(fleet, name, value, signal);
    if (!inDoubt) return;
    await takeTurn(`get ${fleet}`, signal);
    const shown = parseVariable((await variables.get(fleet, name, signal)) ?? "");
    if (shown !== undefined && shown.serial >= manifest.serial) return;
  }
  throw new RetryLater("variable-overwritten", "the fleet's variable shows an older manifest each time", {
    fate: "uncertain",
  });
}
