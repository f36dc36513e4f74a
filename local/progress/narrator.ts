import type { StackEvent } from "./stack-event.ts";

/** A line to show. `transient` ones may be overwritten by the next line of the same file. */
export type Narration = { text: string; transient: boolean };

/**
 * Turns what happens into lines, remembering when each file was uploaded.
 *
 * @param linkBytes bytes that have crossed the device's link so far
 * @param now milliseconds, monotonic
 */
export function createNarrator(linkBytes: () => number, now: () => number): (event: StackEvent) => Narration {
  const uploads = new Map<string, { at: number; link: number }>();
  const line = (what: string, key: string, detail = "", transient = false): Narration => ({
    text: `${what.padEnd(10)} ${printable(key)}${detail === "" ? "" : `  ${printable(detail)}`}`,
    transient,
  });
  const onLink = (key: string) => `${count(linkBytes() - (uploads.get(key)?.link ?? 0))} bytes on the link`;
  return (event) => {
    const { key } = event;
    switch (event.step) {
      case "uploaded":
        uploads.set(key, { at: now(), link: linkBytes() });
        return line("uploaded", key, `${count(event.bytes)} bytes`);
      case "announced":
        return line("announced", key, `to ${event.device}`);
      case "fanned-out":
        return line("announced", key, `to a fleet of ${count(event.devices)}`);
      case "chunk": {
        const share = `${count(event.chunk)} of ${count(event.totalChunks)} chunks`;
        return line("fetching", key, `${share}, ${onLink(key)}`, event.chunk < event.totalChunks);
      }
      case "installed": {
        const upload = uploads.get(key);
        uploads.delete(key);
        const took = upload === undefined ? "" : `, took ${((now() - upload.at) / 1000).toFixed(1)} s`;
        return line("installed", key, `at ${event.path}${took}`);
      }
      case "unchanged":
        uploads.delete(key);
        return line("unchanged", key, "the device has these bytes already; nothing was fetched");
      case "notice":
        return line(event.what, key, event.detail);
    }
  };
}

function count(value: number): string {
  return value.toLocaleString("en-US");
}

/** Keys come from outside: a terminal must not obey what is in them. */
function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `\\u{${code.toString(16)}}`;
  });
}
