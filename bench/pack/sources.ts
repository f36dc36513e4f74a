import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

const ROOT = path.resolve(import.meta.dirname, "../..");
const SOURCE = /\.[cm]?[jt]s$/;

/** Real sources, joined in the order of their names, up to so many bytes. */
export function readSources(folder: string, bytes: number): Buffer {
  const found: Buffer[] = [];
  let length = 0;
  const walk = (at: string): void => {
    for (const entry of readdirSync(at, { withFileTypes: true })) {
      if (length >= bytes) return;
      const to = path.join(at, entry.name);
      if (entry.isDirectory()) walk(to);
      else if (SOURCE.test(entry.name)) length += found[found.push(readFileSync(to)) - 1]?.length ?? 0;
    }
  };
  walk(path.join(ROOT, folder));
  return Buffer.concat(found).subarray(0, bytes);
}

/** A version that a person may have made of a source: so many lines of it are replaced, here and there. */
export function edited(source: Buffer, edits: number, seed: number): Buffer {
  const lines = source.toString("latin1").split("\n");
  for (let edit = 0; edit < edits; edit += 1) {
    const at = ((edit + 1) * 7919 * (seed + 1)) % lines.length;
    lines.splice(at, 1, `  const edited${seed} = compute(${edit});`);
  }
  return Buffer.from(lines.join("\n"), "latin1");
}
