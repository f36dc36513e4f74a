import { accessSync, constants } from "node:fs";
import { tmpdir } from "node:os";

const SHARED_MEMORY = "/dev/shm";

/** Where temporary files wait for no disk, if there is such a place: for tests whose power cuts are not the system's. */
export function memoryFolder(): string {
  try {
    accessSync(SHARED_MEMORY, constants.W_OK);
    return SHARED_MEMORY;
  } catch {
    return tmpdir();
  }
}
