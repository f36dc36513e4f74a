import { explainFailure } from "../../cloud/explain-failure.ts";
import type { Uploaded } from "../../cloud/files/upload-stream.ts";
import type { PlannedFile } from "./plan-upload.ts";

const FILES_AT_ONCE = 4;

export type UploadOutcome = {
  put: (Uploaded & { key: string; bytes: number })[];
  failed: { key: string; why: string }[];
};

/**
 * Uploads several files side by side. One that fails does not keep the others; after Ctrl-C no further one is begun.
 *
 * @throws what `upload` throws once `signal` is aborted
 */
export async function uploadAll(
  files: readonly PlannedFile[],
  upload: (file: PlannedFile) => Promise<Uploaded>,
  onPut: (key: string) => void,
  signal: AbortSignal,
): Promise<UploadOutcome> {
  const outcome: UploadOutcome = { put: [], failed: [] };
  const next = files.values(); // shared, so each file is taken once
  const worker = async () => {
    for (const file of next) {
      const { key, bytes } = file;
      try {
        outcome.put.push({ key, bytes, ...(await upload(file)) });
        onPut(key);
      } catch (error) {
        if (signal.aborted) throw error;
        outcome.failed.push({ key, why: reasonOf(error) });
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(FILES_AT_ONCE, files.length) }, worker));
  return outcome;
}

function reasonOf(error: unknown): string {
  return explainFailure(error)?.message ?? (error instanceof Error ? error.message : String(error));
}
