import type { StackEvent } from "./stack-event.ts";

/** A line to show. `transient` ones may be overwritten by the next line of the same file. */
export type Narration = { text: string; transient: boolean };

/** What has crossed the device's link so far, without what the platform wraps around it. */
export type LinkUse = { bytes: number; messages: number };

/**
 * Turns what happens into lines, remembering when each file was uploaded and what the link had carried by then.
 *
 * @param now milliseconds, monotonic
 */
export function createNarrator(linkUse: () => LinkUse, now: () => number): (event: StackEvent) => Narration {
  const uploads = new Map<string, { at: number; link: LinkUse; size: number }>();
  const line = (what: string, key: string, detail = "", transient = false): Narration => ({
    text: `${what.padEnd(10)} ${printable(key)}${detail === "" ? "" : `  ${printable(detail)}`}`,
    transient,
  });
  const onLink = (key: string) =>
    `${count(linkUse().bytes - (uploads.get(key)?.link.bytes ?? 0))} bytes on the link`;
  return (event) => {
    const { key } = event;
    switch (event.step) {
      case "uploaded":
        uploads.set(key, { at: now(), link: linkUse(), size: event.bytes });
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
        if (upload === undefined) return line("installed", key, `at ${event.path}`);
        const used = linkUse();
        const bytes = used.bytes - upload.link.bytes;
        const share = upload.size === 0 ? "" : `, ${(bytes / upload.size).toFixed(2)} of the file`;
        const cost = `${count(bytes)} bytes in ${count(used.messages - upload.link.messages)} messages${share}`;
        return line(
          "installed",
          key,
          `at ${event.path}, took ${((now() - upload.at) / 1000).toFixed(1)} s, ${cost}`,
        );
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
