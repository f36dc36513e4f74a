import { createWriteStream, type WriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { finished } from "node:stream/promises";
import { putAwayLogs } from "./earlier-logs.ts";

export type LogFiles = { dir: string; write(source: string, line: string): void; close(): Promise<void> };

/** Keeps what the functions and the agent print, one file each. What earlier starts printed is put away. */
export async function createLogFiles(dataDir: string): Promise<LogFiles> {
  const dir = path.join(dataDir, "logs");
  await mkdir(dir, { recursive: true });
  await putAwayLogs(dir);
  const streams = new Map<string, WriteStream>();
  return {
    dir,
    write(source, line) {
      const name = source.replaceAll(/[^0-9A-Za-z-]+/g, "-");
      const stream = streams.get(name) ?? createWriteStream(path.join(dir, `${name}.log`));
      streams.set(name, stream);
      stream.write(`${line}\n`);
    },
    async close() {
      const open = [...streams.values()];
      for (const stream of open) stream.end();
      await Promise.all(open.map((stream) => finished(stream)));
    },
  };
}
