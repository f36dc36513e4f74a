import { hash } from "node:crypto";

const LINES = 300;

/** A file as programs are: some 12 KB that compress to a third. Each version differs from the one before in a line. */
export function contentOf(name: string, version: number): Buffer {
  const lines = Array.from({ length: LINES }, (_, line) => {
    const word = hash("sha256", `${name} ${line}`, "base64url");
    return `    ${word.slice(0, 8)} = self.${word.slice(8, 15)}(${line})  # ${word.slice(15, 18)}`;
  });
  for (let edit = 1; edit <= version; edit += 1) {
    lines[(edit * 37) % LINES] = `    self.edited_in_version(${edit})`;
  }
  return Buffer.from(`# ${name}\n${lines.join("\n")}\n`);
}
