import { COMMANDS } from "./setting.ts";
import { FLAGS, type Flag, ROWS } from "./settings.ts";

type Line = { left: string; right: readonly string[] };

export const USAGE = `${formatUsage()}\n`;

function formatUsage(): string {
  const commands = Object.entries(COMMANDS).map(([left, help]) => ({ left, right: [help] }));
  const flags = [...FLAGS].map(([flag, row]) => {
    const argument = row.argument === undefined ? "" : ` <${row.argument}>`;
    return { left: `--${flag}${argument}`, right: helpOf(row) };
  });
  const others = [...ROWS]
    .filter(([, { argument }]) => argument === undefined)
    .map(([left, row]) => ({ left, right: helpOf(row) }));
  return [
    "noteferry-agent <command> [options]",
    formatLines(commands),
    formatLines(flags),
    "in the config file alone:",
    formatLines(others),
  ].join("\n\n");
}

function helpOf({ help, more = [], default: value, defaultText }: Flag): string[] {
  const plain = typeof value === "string" || typeof value === "number" ? String(value) : undefined;
  const shown = defaultText ?? plain;
  return [shown === undefined ? help : `${help} (${shown})`, ...more];
}

/** Two columns. */
function formatLines(lines: readonly Line[]): string {
  const width = Math.max(...lines.map(({ left }) => left.length)) + 2;
  return lines
    .flatMap(({ left, right }) => right.map((text, at) => `  ${(at === 0 ? left : "").padEnd(width)}${text}`))
    .join("\n");
}
