import { printable } from "../events/print-events.ts";
import { sentenceOfFleetFile } from "./fleet-status.ts";
import type { Status } from "./status.ts";

/** A paragraph for each path, which begins with what is in its place; then what failed last, and what to do about it. */
export function formatStatus(status: Status): string {
  const { installed, underWay, failed, failures, stopped, fleets, gone } = status;
  const all = [...installed, ...underWay, ...failed, ...failures, ...stopped, ...fleets, ...gone];
  const waiting = status.units.flatMap((unit) => unit.paths);
  const paths = [...new Set([...all.map((each) => each.path), ...waiting])].toSorted();
  if (paths.length === 0) return "nothing was delivered yet\n";
  const paragraphs = paths.map((each) => `${printable(each)}\n${linesOf(each, status).join("")}`);
  return `${paragraphs.join("")}${lastFailure(status)}`;
}

const line = (word: string, text: string) => `  ${word.padEnd(9)}  ${text}\n`;

function linesOf(filePath: string, status: Status): string[] {
  const here = ({ path: each }: { path: string }) => each === filePath;
  const installed = status.installed.filter(here);
  return [
    ...installed.map(({ size, installedAt, etag, version }) =>
      line(
        "installed",
        `${size} bytes, ${installedAt}, ${etag ? `etag ${etag}` : `version ${printable(version ?? "")}`}`,
      ),
    ),
    ...installed.flatMap((file) => onDiskOf(file)),
    ...status.underWay.filter(here).map(({ bytes, size }) => line("under way", `${bytes} of ${size} bytes`)),
    ...status.units
      .filter((unit) => unit.paths.includes(filePath))
      .map((unit) => line("waits", waitsFor(unit, filePath))),
    ...status.failed
      .filter(here)
      .map((version) =>
        line("failed", `another version: ${printable(version.detail)}; ${whatCame(version, installed)}`),
      ),
    ...status.failures
      .filter(here)
      .filter(({ reason }) => !status.failed.some((version) => here(version) && version.reason === reason))
      .map(({ reason, detail, retryAt }) => {
        const next = retryAt === undefined ? "it is not tried again" : `tried again at ${retryAt}`;
        return line(retryAt === undefined ? "failed" : "stuck", `${reason}: ${printable(detail)}; ${next}`);
      }),
    ...status.stopped.filter(here).map(({ detail, stoppedAt, stops, restart }) => {
      const times = stops === 1 ? "" : `, ${stops} times by now`;
      const next = restart ? "it is started again" : "it is not started again before the agent is";
      return line("stopped", `its program, ${stoppedAt}: ${printable(detail)}${times}; ${next}`);
    }),
    ...status.fleets.filter(here).map((file) => line("fleet", printable(sentenceOfFleetFile(file)))),
    ...status.gone
      .filter(here)
      .map(({ name }) => line("gone", `the bucket has no ${printable(name)} any more; the file stays`)),
  ];
}

/** The unit that a file goes with. */
function waitsFor({ match, paths, lacks }: Status["units"][number], filePath: string): string {
  const others = lacks.filter((each) => each !== filePath);
  const what = `${paths.length} files of the rule ${printable(match)} are one unit`;
  return others.length === 0 ? what : `${what}, which lacks ${others.map(printable).join(", ")}`;
}

/** Nothing where all is as it should be. */
function onDiskOf(file: Status["installed"][number]): string[] {
  switch (file.onDisk) {
    case "gone":
      return [line("missing", "it is not there any more; upload it once more to have it back")];
    case "changed":
      return [
        line("changed", "its content is not what was installed; upload it once more to have that back"),
      ];
    case "on-trial":
      return [line("on trial", "a newer version is in its place, and has not shown yet that it runs")];
    case "hidden":
    case "unmounted":
      return [line("hidden", printable(file.why ?? ""))];
    case "unknown":
      return [line("unknown", `it cannot be looked at: ${printable(file.why ?? "")}`)];
    default:
      return [];
  }
}

/** What is in the place of a version that does not run. */
function whatCame({ reason, inPlace }: Status["failed"][number], installed: Status["installed"]): string {
  if (reason === "run-not-restored")
    return "the disk did not let the one before be put back, and it may still be in its place";
  if (inPlace) return "it was taken back, and somebody has put it in its place since";
  const another = installed.length > 0;
  return `it was taken back, and ${another ? "the installed one is back in its place" : "nothing is in its place"}`;
}

function lastFailure({ failures }: Status): string {
  const last = failures.toSorted((a, b) => (a.failedAt < b.failedAt ? -1 : 1)).at(-1);
  if (last === undefined) return "";
  const { path, failedAt, reason, detail, advice } = last;
  const what = `last failure: ${printable(path)}, ${failedAt}, ${reason} (${printable(detail)})\n`;
  return advice === undefined ? what : `${what}what to do: ${printable(advice)}\n`;
}
