import { spawnSync } from "node:child_process";
import { constants } from "node:fs";
import { type FileHandle, mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { onTestFinished } from "vitest";
import { errnoOf } from "../../../agent/system/errno.ts";

/** A wire to the ATTN pin: a FIFO whose lines a real program passes on, as `gpiomon` does with those of the kernel. */
export type Pin = {
  folder: string;
  fifo: string;
  /** The program and its arguments. */
  command: string[];
  rise(): Promise<void>;
  /** Ends the program, which finds its input closed; `connect` is for the next one. */
  cut(): Promise<void>;
  connect(): void;
};

async function written(handle: FileHandle): Promise<boolean> {
  try {
    await handle.write("rising\n");
    return true;
  } catch (error) {
    if (errnoOf(error) === "EPIPE") return false;
    throw error;
  }
}

export async function startPin(): Promise<Pin> {
  const folder = await mkdtemp(path.join(tmpdir(), "noteferry-pin-"));
  const fifo = path.join(folder, "pin");
  if (spawnSync("mkfifo", [fifo]).status !== 0) throw new Error("no FIFO can be made");
  // Opening for writing waits for the program, so that none is cut off before it has begun.
  let handle = open(fifo, "w");
  const cut = async () => (await handle).close();
  onTestFinished(async () => {
    const release = await open(fifo, constants.O_RDONLY | constants.O_NONBLOCK);
    await cut().catch(() => undefined);
    await release.close();
    await rm(folder, { recursive: true, force: true });
  });
  return {
    ...{ folder, fifo, command: ["cat", fifo], cut },
    async rise() {
      // A program that has just ended, and is started again, does not read yet.
      while (!(await written(await handle))) await sleep(10);
    },
    connect() {
      handle = open(fifo, "w");
    },
  };
}
