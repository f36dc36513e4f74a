import { styleText } from "node:util";
import { bar } from "./bar.ts";
import { label, type Narration } from "./narration.ts";

/** Milliseconds between two transient lines where they cannot be overwritten: of a transfer that enters another tenth, and of any other. */
const TENTH_PAUSE_MS = 5_000;
const TRANSIENT_PAUSE_MS = 30_000;

/** Of a terminal that does not say how wide it is. */
const COLUMNS = 80;

/** What of a narration is printed. */
export type Line = Pick<Narration, "text" | "transient" | "meter"> & { what?: string };

export type Printer = {
  print(line: Line): void;
  say(text: string): void;
};

/** What went well, what went wrong, and what a person should notice. */
const STYLE: Readonly<Record<string, "green" | "red" | "yellow">> = {
  ...{ installed: "green", current: "green" },
  ...{
    refused: "red",
    failed: "red",
    "given up": "red",
    "rolled back": "red",
    exceptions: "red",
    stopped: "red",
  },
  ...{ retrying: "yellow", ignored: "yellow", discarded: "yellow" },
};

/** Prints lines with the time of day; on a terminal a transient line is overwritten by the next, and words have colours unless NO_COLOR is set. */
export function createPrinter(out: NodeJS.WriteStream, now = () => performance.now()): Printer {
  let open = false;
  let lastTransient = Number.NEGATIVE_INFINITY;

  const style = (name: "green" | "red" | "yellow" | "dim", text: string) =>
    styleText(name, text, { stream: out });

  function write({ text, transient, meter, what = "" }: Line): void {
    const time = new Date().toTimeString().slice(0, 8);
    const start = open ? "\r\u001b[2K" : "";
    open = transient && out.isTTY;
    const whole = open && meter !== undefined ? withBar(text, meter) : text;
    // A line wider than the terminal could not be overwritten.
    const shown = open ? cut(whole, (out.columns || COLUMNS) - time.length - 3) : whole;
    const word = label(what);
    const name = STYLE[what];
    const styled =
      name !== undefined && shown.startsWith(word) ? style(name, word) + shown.slice(word.length) : shown;
    out.write(`${start}${style("dim", time)}  ${styled}${open ? "" : "\n"}`);
  }

  return {
    print(line) {
      if (line.transient && !out.isTTY) {
        const pause = line.meter?.isNewTenth === true ? TENTH_PAUSE_MS : TRANSIENT_PAUSE_MS;
        if (now() - lastTransient < pause) return;
        lastTransient = now();
      }
      write(line);
    },
    say: (text) => {
      if (open) out.write("\n");
      open = false;
      out.write(`${text}\n`);
    },
  };
}

function withBar(text: string, { share, at }: NonNullable<Line["meter"]>): string {
  return `${text.slice(0, at)}${bar(share)} ${text.slice(at)}`;
}

function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1).replace(/[\ud800-\udbff]$/, "")}…` : text;
}
