/**
 * Loaded into a server with `--import`: SIGUSR2 makes its disk read-only, or writable again, and it prints which. Without root
 * there is no such disk; this fails where a real one does: no file is made, renamed, linked or removed, and SQLite writes no page.
 */
import fsp from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { DatabaseSync } from "node:sqlite";

let readOnly = false;
const databases = new Set<DatabaseSync>();

function refuse(operation: string): void {
  if (!readOnly) return;
  throw Object.assign(new Error(`EROFS: read-only file system, ${operation}`), { code: "EROFS" });
}

const real = { ...fsp };
fsp.open = async (place, flags, mode) => {
  if (flags !== undefined && flags !== "r") refuse("open");
  return await real.open(place, flags, mode);
};
for (const name of ["rename", "link", "rm"] as const) {
  const original: (...args: never[]) => Promise<unknown> = real[name];
  Object.assign(fsp, {
    [name]: async (...args: never[]) => {
      refuse(name);
      return await original(...args);
    },
  });
}
syncBuiltinESMExports();

const { exec } = DatabaseSync.prototype;
DatabaseSync.prototype.exec = function (sql) {
  databases.add(this);
  exec.call(this, sql);
};

process.on("SIGUSR2", () => {
  readOnly = !readOnly;
  for (const database of databases) exec.call(database, `PRAGMA query_only = ${readOnly ? 1 : 0}`);
  console.log(readOnly ? "read-only" : "writable");
});
