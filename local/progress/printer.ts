import type { Narration } from "./narration.ts";

/** Milliseconds between two transient lines where they cannot be overwritten. */
const TRANSIENT_PAUSE_MS = 1_000;

export type Printer = {
  print(line: Pick<Narration, "text" | "transient">): void;
  say(text: string): void;
};

/** Prints lines with the time of day; on a terminal a transient line is overwritten by the next. */
export function createPrinter(out: NodeJS.WriteStream): Printer {
  let open = false;
  let lastTransient = 0;
  const write = (text: string, transient: boolean) => {
    const line = `${new Date().toTimeString().slice(0, 8)}  ${text}`;
    const start = open ? "\r\u001b[2K" : "";
    open = transient && out.isTTY;
    out.write(`${start}${line}${open ? "" : "\n"}`);
  };
  return {
    print({ text, transient }) {
      if (transient && !out.isTTY) {
        if (performance.now() - lastTransient < TRANSIENT_PAUSE_MS) return;
        lastTransient = performance.now();
      }
      write(text, transient);
    },
    say: (text) => {
      if (open) out.write("\n");
      open = false;
      out.write(`${text}\n`);
    },
  };
}
