import { randomUUID } from "node:crypto";
import { chmod, rename, writeFile } from "node:fs/promises";

/** Writes a file that only its owner reads. A reader sees the whole text or no file, even after a power cut. */
export async function writePrivateFile(file: string, text: string): Promise<void> {
  const temporary = `${file}.${randomUUID()}`;
  await writeFile(temporary, `${text}\n`, { mode: 0o600, flush: true });
  await chmod(temporary, 0o600); // whatever the umask
  await rename(temporary, file);
}
