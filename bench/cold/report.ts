import * as v from "valibot";

/** From its import to the first byte, the file-server may take this share of the time that client-s3 alone takes. */
const BOUND = 0.5;

const Measured = v.object({
  /** All in milliseconds: to import the bundle; to import it and answer, by the clock and of the processor; from the start of the process to the answer. */
  init: v.number(),
  firstByte: v.number(),
  cpu: v.number(),
  sinceProcessStart: v.number(),
  reply: v.union([
    v.literal(6000),
    v.object({ statusCode: v.literal(200) }),
    v.object({ batchItemFailures: v.strictTuple([]) }),
  ]),
});
export type Measured = v.InferOutput<typeof Measured>;

/** @throws {Error} if the handler did not do what it was asked for, since then its time means nothing. */
export function parseMeasured(name: string, stdout: string): Measured {
  const lines = stdout.trim().split("\n");
  const parsed = v.safeParse(Measured, JSON.parse(lines.at(-1) ?? ""));
  if (!parsed.success) throw new Error(`${name} did not do it: ${stdout}`);
  return parsed.output;
}

/** Prints medians and ratios; true if the file-server's bound holds, and who reaches no things does not load AWS IoT's client. */
export function report(
  measured: ReadonlyMap<string, readonly Measured[]>,
  about: ReadonlyMap<string, { bytes: number; hasIot: boolean }>,
): boolean {
  const row = (name: string) => {
    const runs = measured.get(name) ?? [];
    const of = (key: "init" | "firstByte" | "cpu" | "sinceProcessStart") =>
      median(runs.map((run) => run[key]));
    const times = {
      init: of("init"),
      firstByte: of("firstByte"),
      cpu: of("cpu"),
      sinceProcessStart: of("sinceProcessStart"),
    };
    const kilobytes = Math.round((about.get(name)?.bytes ?? 0) / 1000);
    console.log(
      `${name.padEnd(13)} ${String(kilobytes).padStart(4)} kB   init ${ms(times.init)}   init to answer ${ms(times.firstByte)}, of processor ${ms(times.cpu)}   process start to answer ${ms(times.sinceProcessStart)}`,
    );
    return times;
  };
  const ours = row("file-server");
  const theirs = row("client-s3");
  const ratio = ours.firstByte / theirs.firstByte;
  const holds = ratio <= BOUND;
  const whole = ours.sinceProcessStart / theirs.sinceProcessStart;
  console.log(
    `init to first byte: ${ratio.toFixed(2)} of client-s3 alone, at most ${BOUND} ${holds ? "(ok)" : "(MISSED)"}`,
  );
  const cpu = ours.cpu / theirs.cpu;
  console.log(
    `of processor time, which other work on the machine hardly changes: ${cpu.toFixed(2)}; with Node's own start: ${whole.toFixed(2)}`,
  );
  const [off, on] = [row("notifier"), row("notifier, iot")];
  const isOut = about.get("notifier")?.hasIot === false && about.get("notifier, iot")?.hasIot === true;
  const more = (on.cpu - off.cpu).toFixed(1);
  console.log(
    `the notifier's init to answer with iot on: ${(on.firstByte / off.firstByte).toFixed(2)} of that with iot off; of processor time ${(on.cpu / off.cpu).toFixed(2)}, ${more} ms more`,
  );
  console.log(`with iot off AWS IoT's client is ${isOut ? "not in the bundle (ok)" : "IN THE BUNDLE"}`);
  return holds && isOut;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? 0) + (sorted[Math.floor(middle)] ?? 0)) / 2;
}

function ms(value: number): string {
  return `${value.toFixed(1).padStart(6)} ms`;
}
