import fs from "node:fs";
import promises from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";

/**
 * Has `node:fs/promises` make its calls in this thread, at once: the same calls on the same files, but for the threads that Node makes them
 * in. For models of thousands of small files, of which every call waits for a thread for many times as long as it takes; and calls side by
 * side come in the same order each time that a seed is repeated. Of a file handle it has what is used; a call of another method fails.
 *
 * @returns what undoes it.
 */
export function filesAtOnce(): () => void {
  const before = { ...promises };
  for (const [name, call] of Object.entries(promises)) {
    const atOnce = Reflect.get(fs, `${name}Sync`);
    if (typeof call === "function" && typeof atOnce === "function")
      Reflect.set(promises, name, later(atOnce));
  }
  Reflect.set(
    promises,
    "open",
    later((...args: Parameters<typeof fs.openSync>) => handleOf(fs.openSync(...args))),
  );
  syncBuiltinESMExports();
  return () => {
    Object.assign(promises, before);
    syncBuiltinESMExports();
  };
}

function handleOf(fd: number) {
  const { readSync, writeSync } = fs;
  const of =
    <Rest extends unknown[], Result>(call: (fd: number, ...rest: Rest) => Result) =>
    (...rest: Rest) =>
      call(fd, ...rest);
  return {
    fd,
    read: later((buffer: Buffer, offset: number, length: number, position: number | null = null) => ({
      bytesRead: readSync(fd, buffer, offset, length, position),
      buffer,
    })),
    write: later((buffer: Buffer, offset: number, length: number, position: number | null = null) => ({
      bytesWritten: writeSync(fd, buffer, offset, length, position),
      buffer,
    })),
    readFile: later(of(fs.readFileSync)),
    writeFile: later(of(fs.writeFileSync)),
    stat: later(of(fs.fstatSync)),
    sync: later(of(fs.fsyncSync)),
    datasync: later(of(fs.fdatasyncSync)),
    truncate: later(of(fs.ftruncateSync)),
    chmod: later(of(fs.fchmodSync)),
    chown: later(of(fs.fchownSync)),
    close: later(of(fs.closeSync)),
  };
}

/** Rejects with what the call throws. */
function later<Args extends unknown[], Result>(call: (...args: Args) => Result) {
  return async (...args: Args): Promise<Result> => call(...args);
}
