import { STEP_MAX_BYTES } from "../../protocol/limits.ts";
import { totalOf } from "./bill.ts";
import { formatSeconds } from "./call-limit.ts";
import type { Costs, WayCost } from "./costs.ts";
import { COUNTER_NAMES, COUNTERS } from "./counts.ts";
import { relative } from "./fit.ts";
import type { CostFlags } from "./flags.ts";
import { PRICE_DATE, PRICE_REGION, PRICES } from "./prices.ts";

type Row = readonly string[];

/** The costs for people: what an update takes, what it costs, and what that was reckoned from. */
export function report(flags: CostFlags, costs: Costs): string {
  const { ways } = costs;
  const row = (label: string, cell: (way: WayCost) => string): Row => [label, ...ways.map(cell)];
  const shown = COUNTER_NAMES.filter((name) => ways.some(({ counts }) => counts[name] >= 0.5));
  const paid = (of: (way: WayCost) => Readonly<Record<string, number>>) =>
    [...new Set(ways.flatMap((way) => Object.keys(of(way))))]
      .filter((what) => ways.some((way) => (of(way)[what] ?? 0) > 0))
      .map((what) => row(`  ${what}`, (way) => dollars(of(way)[what] ?? 0)));
  const rows: Row[] = [
    row("", ({ way }) => way),
    row("one update takes", () => ""),
    ...shown.map((name) => row(`  ${COUNTERS[name]}`, ({ counts }) => count(counts[name]))),
    row("bytes on the link of a device", ({ bytesPerDevice }) => count(bytesPerDevice)),
    row("Notehub's API has taken all calls", ({ seconds }) =>
      seconds === undefined ? "no call" : formatSeconds(seconds),
    ),
    row("one update costs", ({ update }) => dollars(update)),
    ...paid(({ bill }) => bill),
    row(`${(flags.updates / 12).toFixed(1)} updates a month cost *`, ({ month }) => dollars(month)),
    row("a month without updates costs", ({ standing }) => dollars(totalOf(standing))),
    ...paid(({ standing }) => standing),
  ];
  const about = `Updates of ${count(flags.files)} files of a fleet of ${count(flags.devices)} devices, ${count(flags.updates)} a year`;
  return [about, "", table(rows), "", ...footnotes(flags, costs)].join("\n");
}

function footnotes({ devices, limits }: CostFlags, { ways, checked }: Costs): string[] {
  const full = ways.filter(
    ({ way, counts }) => way !== "by Notes" && counts.replyBytes > STEP_MAX_BYTES * devices,
  );
  const checks = checked.map(({ way, at, misses: [worst, ...more] }) => {
    const where = `${way}, fit against what was counted for ${at.devices} devices and ${at.files} files`;
    if (worst === undefined) return `${where}: nothing is off by more than half a request.`;
    const { counter, predicted, measured } = worst;
    const off = (100 * relative(worst)).toFixed(0);
    return `${where}: at most ${off} % off (${COUNTERS[counter]}: ${predicted.toFixed(1)} for ${count(measured)}), ${more.length} more by less.`;
  });
  const bySurmise = Object.values(PRICES).filter(({ checked: how }) => how === "memory");
  return [
    `* Without the ${count(PRICES.notehubEvent.free)} events that Notehub gives away each month; what AWS gives away is not taken off.`,
    `Prices in dollars, ${PRICE_REGION}, list prices of ${PRICE_DATE}: second-hand, but from memory for ${bySurmise.map(({ unit }) => unit).join(", ")}.`,
    `Notehub's API: ${count(limits.perMinute)} calls a minute, ${count(limits.perDay)} a day; calls that it refuses meanwhile, and what they have AWS do, are not counted.`,
    "Whether Notehub bills a web request as an event is not documented: here it does not.",
    "Things are connected and run our agent; their bytes are those of TCP, a handshake for what an update fetches among them.",
    ...full.map(
      ({ way }) =>
        `${way}, the patches of so many files are more than a step holds: devices fetch some by themselves, which is not counted.`,
    ),
    "Estimates: times of functions are this machine's; Lambda's own log lines and idle receives are assumptions. Storage is not counted.",
    ...checks,
  ];
}

function table(rows: readonly Row[]): string {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function count(value: number): string {
  return Math.round(value).toLocaleString("en");
}

function dollars(value: number): string {
  if (value === 0) return "-";
  return value < 0.000_05 ? "< 0.0001" : value.toFixed(value < 0.1 ? 4 : 2);
}
