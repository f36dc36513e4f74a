import { printable } from "../../agent/events/print-events.ts";
import { count, type DevicePart, type Narration } from "./narration.ts";

/** Milliseconds after the first of a kind in which others are told together with it. */
const WINDOW_MS = 2_000;

/** So many devices of a kind are still told one by one. */
const FEW = 3;

type Line = Pick<Narration, "text" | "transient">;
type Burst = { first: Narration; lines: Map<string, Narration> };

/** Lines of several devices, of which many of the same are told as one. */
export type Bursts = {
  add(narration: Narration): void;
  /** Tells at once what is still being gathered. */
  flush(): void;
};

/** @param devices how many there are */
export function gatherBursts(devices: number, print: (line: Line) => void, windowMs = WINDOW_MS): Bursts {
  const bursts = new Map<string, Burst>();
  /** The devices that had it since the upload, by kind. */
  const had = new Map<string, { key: string; devices: Set<string> }>();
  let timer: NodeJS.Timeout | undefined;

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    for (const [kind, { first, lines }] of bursts) {
      const known = had.get(kind) ?? { key: first.key, devices: new Set<string>() };
      had.set(kind, known);
      const before = known.devices.size;
      for (const device of lines.keys()) known.devices.add(device);
      // The last ones of many belong to them; of what comes to one of them again, its own line says more.
      const few = lines.size <= FEW && (before <= FEW || before === known.devices.size);
      if (few) for (const line of lines.values()) print(line);
      else print(summary(first, [...lines.values()], known.devices.size, devices));
    }
    bursts.clear();
  }

  return {
    add(narration) {
      const { what, key, part } = narration;
      if (part === undefined) {
        if (what === "uploaded") for (const [kind, known] of had) if (known.key === key) had.delete(kind);
        return print(narration);
      }
      const kind = JSON.stringify([what, key, part.detail]);
      const burst = bursts.get(kind) ?? { first: narration, lines: new Map() };
      bursts.set(kind, burst);
      burst.lines.set(part.device, narration); // of one device the newest
      timer ??= setTimeout(flush, windowMs).unref();
    },
    flush,
  };
}

/** @param so how many devices had it so far, these included */
function summary({ what, key, part }: Narration, lines: Narration[], so: number, devices: number): Line {
  const parts = lines.flatMap((line) => (line.part === undefined ? [] : [line.part]));
  const all = so > lines.length ? ` (${count(so)} of ${count(devices)})` : "";
  const named = lines.length === 1 ? "1 device" : `${count(lines.length)} devices`;
  const detail = [part?.detail ?? "", `${named}${all}`, ...took(parts), ...used(parts)];
  const text = detail.filter((each) => each !== "").join(" · ");
  return {
    text: `${what.padEnd(10)} ${printable(key)}  ${printable(text)}`,
    transient: lines.every(({ transient }) => transient),
  };
}

function took(parts: DevicePart[]): string[] {
  const seconds = parts.flatMap((part) => (part.seconds === undefined ? [] : [part.seconds]));
  if (seconds.length === 0) return [];
  return [`took ${Math.min(...seconds).toFixed(1)} to ${Math.max(...seconds).toFixed(1)} s`];
}

function used(parts: DevicePart[]): string[] {
  const bytes = parts.flatMap((part) => (part.linkBytes === undefined ? [] : [part.linkBytes]));
  if (bytes.length === 0) return [];
  return [`${count(bytes.reduce((sum, each) => sum + each, 0))} bytes on their links`];
}
