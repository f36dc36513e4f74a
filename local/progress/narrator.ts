import { printable } from "../../agent/events/print-events.ts";
import type { StackEvent } from "./stack-event.ts";

/** A line to show. `transient` ones may be overwritten by the next line of the same file. */
export type Narration = { text: string; transient: boolean };

/** What has crossed the device's link so far, without what the platform wraps around it. */
export type LinkUse = { bytes: number; messages: number };

/**
 * Turns events into lines, remembering when each file was uploaded. The agent works on one delivery after the other, so
 * everything that the link carried since the last one ended belongs to this one.
 *
 * @param now milliseconds, monotonic
 */
export function createNarrator(linkUse: () => LinkUse, now: () => number): (event: StackEvent) => Narration {
  const uploads = new Map<string, number>();
  const announced = new Map<string, { bytes: number; payload?: number | undefined }>();
  let deliveryBegan: LinkUse | undefined;
  const line = (what: string, key: string, detail = "", transient = false): Narration => ({
    text: `${what.padEnd(10)} ${printable(key)}${detail === "" ? "" : `  ${printable(detail)}`}`,
    transient,
  });

  function usedByDelivery(): LinkUse {
    const { bytes, messages } = linkUse();
    const { bytes: before, messages: earlier } = deliveryBegan ?? { bytes: 0, messages: 0 };
    return { bytes: bytes - before, messages: messages - earlier };
  }

  function endDelivery(key: string): void {
    uploads.delete(key);
    deliveryBegan = linkUse();
    announced.delete(key);
  }

  function tellInstalled(event: Extract<StackEvent, { step: "installed" }>): Narration {
    const { key, path } = event;
    const { bytes, messages } = usedByDelivery();
    const uploaded = uploads.get(key);
    const took = uploaded === undefined ? [] : [`took ${((now() - uploaded) / 1000).toFixed(1)} s`];
    const { bytes: size = 0 } = announced.get(key) ?? {};
    const share = size > 0 ? `, ${(bytes / size).toFixed(2)} of the file` : "";
    const link = `${count(bytes)} bytes in ${count(messages)} messages on the link${share}`;
    const carried = tellCarried(event);
    endDelivery(key);
    return line("installed", key, [...carried, `at ${path}`, ...took, link].join(" · "));
  }

  /** What came in place of the file. */
  function tellCarried({ key, way, fetched }: Extract<StackEvent, { step: "installed" }>): string[] {
    const { bytes, payload } = announced.get(key) ?? {};
    if (way === "whole" || bytes === undefined) return [];
    if (way === "note") {
      const patch = payload === undefined ? "a patch" : `${count(payload)} bytes`;
      return [`${patch} in the Note instead of ${count(bytes)}`, "nothing fetched"];
    }
    return [`${count(fetched)} bytes fetched (${way}) instead of ${count(bytes)}`];
  }

  return (event) => {
    const { key } = event;
    switch (event.step) {
      case "uploaded":
        uploads.set(key, now());
        return line("uploaded", key, event.bytes === undefined ? "" : `${count(event.bytes)} bytes`);
      case "announced":
        announced.set(key, event);
        return line("announced", key, `${count(event.bytes)} bytes to ${event.device}`);
      case "fanned-out":
        return line("announced", key, `to a fleet of ${count(event.devices)}`);
      case "chunk": {
        const share = `${count(event.chunk)} of ${count(event.totalChunks)} chunks`;
        const link = `${count(usedByDelivery().bytes)} bytes on the link`;
        return line("fetching", key, `${share}, ${link}`, event.chunk < event.totalChunks);
      }
      case "installed":
        return tellInstalled(event);
      case "unchanged":
        endDelivery(key);
        return line("unchanged", key, "the device has these bytes already; nothing was fetched");
      case "notice":
        if (event.ends) endDelivery(key);
        return line(event.what, key, event.detail);
    }
  };
}

function count(value: number): string {
  return value.toLocaleString("en-US");
}
