import { authorization } from "../connection.ts";
import { addressOf } from "../route.ts";

/**
 * Sends a file. Only this old interface tells how far it has come; the server reads no faster than S3 takes it.
 *
 * @throws {Error} the sentence for a person
 */
export function sendFile(
  { key, file, share, release }: { key: string; file: File; share: number; release: string | undefined },
  onSent: (bytes: number) => void,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    signal.addEventListener("abort", () => request.abort());
    request.upload.addEventListener("progress", ({ loaded }) => onSent(loaded));
    request.addEventListener("load", () => {
      if (request.status === 200) resolve();
      else reject(new Error(sentenceIn(request.responseText)));
    });
    // A file that changed or has gone since it was chosen ends the same way.
    const why = "it broke off: is the file still as it was, and does the console still run?";
    request.addEventListener("error", () => reject(new Error(why)));
    request.addEventListener("abort", () => reject(new Error("cancelled")));
    request.open(
      "PUT",
      addressOf("/api/upload", { key, share: share === 100 ? undefined : `${share}`, release }),
    );
    request.setRequestHeader("authorization", authorization());
    request.send(file);
  });
}

function sentenceIn(text: string): string {
  try {
    return JSON.parse(text).problem;
  } catch {
    return "the console did not say why";
  }
}
