import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { startDevice } from "./agent-under-test.ts";

/** A device, and one file on it; without content the file is still to come. */
export async function deviceWith(content: Buffer | undefined, name = "app/main.py") {
  const device = await startDevice();
  const file = path.join(device.root, name);
  await mkdir(path.dirname(file), { recursive: true });
  if (content !== undefined) await writeFile(file, content);
  return { ...device, card: device.fake.card, file, name };
}
