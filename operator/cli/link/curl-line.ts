import { printable } from "../terminal/printable.ts";
import { quote } from "../terminal/quote.ts";

/** Where what has no name of its own is saved. */
const NAMELESS = "download";

/** A command for a POSIX shell that fetches a link into the working folder. */
export function curlLine(url: string, key: string, caFile: string | undefined): string {
  const name = key.slice(key.lastIndexOf("/") + 1);
  const isName = name !== "" && name !== "." && name !== ".." && printable(name) === name;
  const output = `./${isName ? name : NAMELESS}`; // a name may begin as a flag does
  const ca = caFile === undefined ? [] : ["--cacert", quote(caFile)];
  return ["curl --fail --location", ...ca, "--output", quote(output), quote(url)].join(" ");
}
