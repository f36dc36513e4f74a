import { open } from "node:fs/promises";
import { OperatorError } from "../operator-error.ts";

/**
 * The bytes of a file, as long as it is left alone meanwhile. The end is told only once that is known: whoever sends them has not sent the
 * last of them before, and can still give up.
 *
 * @throws {OperatorError} for a file that changed while it was read: what was read is neither the old nor the new one.
 */
export async function* readUnchanged(file: string): AsyncGenerator<Buffer> {
  await using opened = await open(file); // one that is put in its place by a rename meanwhile is another file
  const before = await opened.stat({ bigint: true });
  yield* opened.createReadStream({ autoClose: false });
  const after = await opened.stat({ bigint: true });
  if (after.mtimeNs !== before.mtimeNs || after.size !== before.size) {
    throw new OperatorError(
      "fault",
      `${file} changed while it was read, and nothing of it was stored: put it again`,
    );
  }
}
