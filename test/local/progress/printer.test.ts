import { PassThrough } from "node:stream";
import { WriteStream } from "node:tty";
import { stripVTControlCharacters } from "node:util";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { bar } from "../../../local/progress/bar.ts";
import { createPrinter } from "../../../local/progress/printer.ts";

/** What a stream of standard output has that the printer asks for. */
function output(terminal?: { columns: number }) {
  const chunks: string[] = [];
  const stream = new PassThrough().on("data", (chunk) => chunks.push(String(chunk)));
  const asTerminal = {
    isTTY: true,
    columns: terminal?.columns,
    getColorDepth: () => WriteStream.prototype.getColorDepth(process.env),
  };
  const out = Object.assign(stream, terminal === undefined ? { isTTY: false } : asTerminal);
  return { out: out as unknown as NodeJS.WriteStream, text: () => chunks.join("") };
}

beforeEach(() => {
  for (const name of ["NO_COLOR", "NODE_DISABLE_COLORS", "FORCE_COLOR", "CI", "TMUX", "COLORTERM"])
    vi.stubEnv(name, undefined);
  vi.stubEnv("TERM", "xterm-256color");
});
afterEach(() => void vi.unstubAllEnvs());

const INSTALLED = { what: "installed", text: "installed   a.py  at a.py", transient: false };

test("on a terminal the first word of what went well and wrong has a colour, in a pipe or with NO_COLOR nothing has", () => {
  const shown = (terminal?: { columns: number }) => {
    const { out, text } = output(terminal);
    createPrinter(out).print(INSTALLED);
    return text();
  };
  expect(shown({ columns: 80 })).toContain("\u001b[32minstalled");
  expect(stripVTControlCharacters(shown({ columns: 80 }))).toMatch(
    /^\d\d:\d\d:\d\d {2}installed {3}a\.py {2}at a\.py\n$/,
  );
  expect(shown()).toMatch(/^\d\d:\d\d:\d\d {2}installed {3}a\.py {2}at a\.py\n$/);
  vi.stubEnv("NO_COLOR", "1");
  expect(shown({ columns: 80 })).not.toContain("\u001b");
});

test("a transfer is one line with a bar, within the terminal, and overwritten by what comes next", () => {
  const { out, text } = output({ columns: 70 });
  const printer = createPrinter(out);
  printer.print({
    what: "fetching",
    text: "fetching    a.py  50 % · 3 s left",
    transient: true,
    meter: { share: 0.5, at: 18, isNewTenth: true },
  });
  printer.print({
    what: "fetching",
    text: `fetching    ${"a".repeat(80)}  75 %`,
    transient: true,
    meter: { share: 0.75, at: 94, isNewTenth: true },
  });
  printer.print(INSTALLED);
  const lines = text().split("\r\u001b[2K").map(stripVTControlCharacters);
  expect(lines[0]).toContain("a.py  [==========>         ] 50 % · 3 s left");
  expect(lines[1]?.length).toBe(69);
  expect(lines[1]).toMatch(/…$/);
  expect(lines[2]).toMatch(/installed.*\n$/);
  expect(text().split("\n")).toHaveLength(2);
});

/** What is printed into a pipe of a transfer that has a line of itself each second. */
function inPipe(seconds: number): string[] {
  const { out, text } = output();
  let now = 0;
  const printer = createPrinter(out, () => now);
  let tenth: number | undefined;
  for (let second = 0; second < seconds; second += 1) {
    now = second * 1000;
    const share = second / seconds;
    const isNewTenth = tenth !== Math.floor(share * 10);
    tenth = Math.floor(share * 10);
    const percent = `${Math.floor(share * 100)} %`;
    printer.print({
      what: "fetching",
      text: `fetching    a.py  ${percent}`,
      transient: true,
      meter: { share, at: 18, isNewTenth },
    });
  }
  expect(text()).not.toContain("="); // no bar
  return [...text().matchAll(/\d+ %/g)].map(([percent]) => percent);
}

const tenths = Array.from({ length: 10 }, (_, tenth) => `${10 * tenth} %`);
const halfTenths = Array.from({ length: 20 }, (_, half) => `${5 * half} %`);

test.each([
  ["a short transfer has a line at its start and each 5 s", 10, ["0 %", "50 %"]],
  ["a longer one has a line each tenth", 100, tenths],
  ["a slow one has a line each half minute", 600, halfTenths],
])("in a pipe %s", (_, seconds, percents) => {
  expect(inPipe(seconds)).toEqual(percents);
});

test.each([
  [0, "[>                   ]"],
  [0.5, "[==========>         ]"],
  [1, "[====================]"],
  [2, "[====================]"],
  [-1, "[>                   ]"],
])("a bar of %d", (share, drawn) => {
  expect(bar(share)).toBe(drawn);
});
