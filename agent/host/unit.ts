import { readFileSync } from "node:fs";
import path from "node:path";

/** The text of `agent/service/noteferry-agent.service`, where the agent is one file: `bin/build-agent.ts` puts it there. */
declare const NOTEFERRY_UNIT: string | undefined;

/** What differs from the unit in `agent/service`. */
export type UnitSettings = {
  /** The program to start, and its arguments. */
  start: readonly string[];
  /** Folders whose disks have to be there first. */
  folders: readonly string[];
  /** The agent's state, where systemd does not make it. */
  ownState?: string | undefined;
};

/** The unit of the service for this host. */
export function formatUnit({ start, folders, ownState }: UnitSettings, template = unitTemplate()): string {
  const unit = template
    .replace(/^RequiresMountsFor=.*$/m, () => `RequiresMountsFor=${folders.map(unitWord).join(" ")}`)
    .replace(/^ExecStart=.*$/m, () => `ExecStart=${start.map(unitWord).join(" ")}`);
  return ownState === undefined ? unit : unit.replace(/^StateDirectory(?:Mode)?=.*\n/gm, "");
}

function unitTemplate(): string {
  if (typeof NOTEFERRY_UNIT === "string") return NOTEFERRY_UNIT;
  return readFileSync(path.join(import.meta.dirname, "../service/noteferry-agent.service"), "utf8");
}

/** As systemd reads it back: `%` and `$` mean something to it. https://www.freedesktop.org/software/systemd/man/latest/systemd.syntax.html */
function unitWord(text: string): string {
  const escaped = text.replaceAll("%", "%%").replaceAll("$", () => "$$");
  return /^[\w./:@+,=%$-]+$/.test(escaped) ? escaped : `"${escaped.replaceAll(/["\\]/g, "\\$&")}"`;
}
