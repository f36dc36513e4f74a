import { randomBytes } from "node:crypto";

const MIB = 1024 * 1024;

/** A version to deliver, and how it is called in the report. `way` is how it has to travel, if that is what is measured. */
export type Measured = { label: string; way?: string; content: () => Buffer };

/** What travels whole: it does not compress. */
export const WHOLE: readonly Measured[] = [
  { label: "1 MB", content: () => randomBytes(1_000_000) },
  { label: "100 MB", content: () => randomBytes(100_000_000) },
];

/** The largest that the agent unpacks by default: a patch between two files of 2 MiB, and 64 MiB of zstd. */
export function packedContents(): readonly Measured[] {
  const base = randomBytes(2 * MIB);
  const half = Buffer.concat([randomBytes(MIB), base.subarray(MIB)]);
  return [
    { label: "2 MiB", content: () => base },
    { label: "a patch of 1 MiB to that", way: "patch", content: () => half },
    { label: "64 MiB as zstd", way: "zstd", content: () => logLines(64 * MIB) },
  ];
}

/** A small file of a fleet, which another version changes in a line. */
export function moduleOf(at: number, version: number): Buffer {
  const lines = Array.from(
    { length: 20 },
    (_, line) => `    step(${at}, ${line}, "${(at * 7919 + line * 104_729).toString(36)}")`,
  );
  return Buffer.from(`VERSION = ${version}\ndef run_${at}():\n${lines.join("\n")}\n`);
}

/** Lines as a log has them, some 4 : 1. */
function logLines(bytes: number): Buffer {
  const content = Buffer.alloc(bytes);
  for (let at = 0; at < bytes; ) {
    at += content.write(
      `2026-11-28T12:00:00Z sensor ${randomBytes(6).toString("hex")} value ${at % 9973}\n`,
      at,
    );
  }
  return content;
}
