/** A browser hashes a file only as a whole, in memory. */
const MOST_BYTES = 32 * 1024 ** 2;

/** SHA-256 as unpadded base64url; undefined for a file that is too large, or has gone. */
export async function digestOf(file: File): Promise<string | undefined> {
  if (file.size > MOST_BYTES) return undefined;
  try {
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
    return btoa(String.fromCharCode(...digest))
      .replaceAll("+", "-")
      .replaceAll("/", "_")
      .replaceAll("=", "");
  } catch {
    return undefined; // the upload will say why
  }
}
