import { printable } from "../../agent/events/print-events.ts";
import { count, isOfFleet, label, type Narration, type Part } from "./narration.ts";
import { createRates } from "./rates.ts";
import type { StackEvent } from "./stack-event.ts";

/** What has crossed a device's link so far, without what the platform wraps around it. */
export type LinkUse = { bytes: number; messages: number };

export type NarratorOptions = {
  /** Undefined for a device whose link nobody counts, as that of an AWS IoT thing. */
  linkUse: (device: string) => LinkUse | undefined;
  /** What a person calls a device where there are several; absent where there is only one. */
  nameOf?: ((device: string) => string) | undefined;
  /** Milliseconds, monotonic. */
  now: () => number;
};

const NO_USE: LinkUse = { bytes: 0, messages: 0 };

/**
 * Turns events into lines, remembering when each file was uploaded. An agent works on one delivery after the other, so
 * everything that its link carried since the last one ended belongs to this one.
 *
 * @returns (the function) undefined for what is no line of its own
 */
export function createNarrator({
  linkUse,
  nameOf,
  now,
}: NarratorOptions): (event: StackEvent) => Narration | undefined {
  /** `told`: the devices that have it since, whose later deliveries did not begin with that upload. */
  const uploads = new Map<string, { at: number; told: Set<string> }>();
  const announced = new Map<string, { bytes: number; payload?: number | undefined }>();
  const deliveryBegan = new Map<string, LinkUse>();
  const rates = createRates(now);

  /** @param about `shared`: of `details`, what is the same for all devices; all of it unless told otherwise. */
  function line(
    what: string,
    key: string,
    details: string[],
    about: {
      device?: string | undefined;
      transient?: boolean;
      shared?: string;
      part?: Omit<Part, "detail" | "device">;
    } = {},
  ): Narration {
    const { device, transient = false, shared = details.join(" · "), part } = about;
    const isOneOfMany = isOfFleet(key) || (device !== undefined && nameOf !== undefined);
    const detail = details.filter((each) => each !== "").join(" · ");
    return {
      ...{ what, key, transient },
      text: `${label(what)} ${printable(key)}${detail === "" ? "" : `  ${printable(detail)}`}`,
      ...(isOneOfMany && { part: { device, detail: shared, ...part } }),
    };
  }

  /** Begins the details where there are several devices. */
  function named(device: string | undefined): string[] {
    return device === undefined || nameOf === undefined ? [] : [nameOf(device)];
  }

  function usedByDelivery(device: string): LinkUse | undefined {
    const use = linkUse(device);
    if (use === undefined) return undefined;
    const { bytes, messages } = use;
    const before = deliveryBegan.get(device) ?? NO_USE;
    return { bytes: bytes - before.bytes, messages: messages - before.messages };
  }

  function endDelivery(key: string, device: string): void {
    uploads.get(key)?.told.add(device);
    deliveryBegan.set(device, linkUse(device) ?? NO_USE);
    announced.delete(of(key, device));
    rates.end(of(key, device));
  }

  function tellInstalled(event: Extract<StackEvent, { step: "installed" }>): Narration {
    const { key, device, path } = event;
    const use = usedByDelivery(device);
    const upload = uploads.get(key);
    const seconds = upload === undefined || upload.told.has(device) ? undefined : (now() - upload.at) / 1000;
    const took = seconds === undefined ? [] : [`took ${seconds.toFixed(1)} s`];
    const { bytes: size = 0 } = announced.get(of(key, device)) ?? {};
    const link = use === undefined ? "" : `${onLink(use)}${ofFile(use.bytes, size)}`;
    const carried = tellCarried(event);
    endDelivery(key, device);
    const part = { seconds, ...(use && { linkBytes: use.bytes }) };
    const details = [...named(device), ...carried, `at ${path}`, ...took, link];
    return line("installed", key, details, { device, shared: "", part });
  }

  /** A device at its fleet's manifest. The time is since it was announced. */
  function tellBrought(event: Extract<StackEvent, { step: "brought" }>): Narration {
    const { key, device, serial, installed, removed, exceptions } = event;
    const use = usedByDelivery(device);
    const upload = uploads.get(key);
    const seconds = upload === undefined || upload.told.has(device) ? undefined : (now() - upload.at) / 1000;
    const files = [
      ...(installed > 0 ? [`${count(installed)} installed`] : []),
      ...(removed > 0 ? [`${count(removed)} removed`] : []),
      ...(exceptions > 0 ? [`${count(exceptions)} not as it says`] : []),
    ];
    const shared = `manifest ${serial}: ${files.length === 0 ? "nothing to do" : files.join(", ")}`;
    const took = seconds === undefined ? [] : [`took ${seconds.toFixed(1)} s`];
    const link = use === undefined ? "" : onLink(use);
    endDelivery(key, device);
    const details = [...named(device), shared, ...took, link];
    const stage = exceptions > 0 ? "exceptions" : "current"; // as `status` of a fleet has them
    return line(stage, key, details, {
      device,
      shared,
      part: { seconds, ...(use && { linkBytes: use.bytes }) },
    });
  }

  /** What came in place of the file. */
  function tellCarried({ key, device, way, fetched }: Extract<StackEvent, { step: "installed" }>): string[] {
    const { bytes, payload } = announced.get(of(key, device)) ?? {};
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
      case "uploaded": {
        const { bytes: size } = event;
        uploads.set(key, { at: now(), told: new Set() });
        const details = size === undefined ? [] : [`${count(size)} bytes`];
        return line("uploaded", key, details, { shared: "", part: { size } });
      }
      case "announced": {
        const { device } = event;
        announced.set(of(key, device), event);
        const bytes = `${count(event.bytes)} bytes`;
        const to = `${bytes} to ${named(device)[0] ?? device}`;
        return line("announced", key, [to], { device, shared: bytes });
      }
      case "fanned-out":
        return line("announced", key, [`to a fleet of ${count(event.devices)}`]);
      case "manifest": {
        const { serial, files, bytes, stepBytes } = event;
        uploads.set(key, { at: now(), told: new Set() });
        const step = stepBytes === undefined ? "" : `, ${count(stepBytes)} as a step from the one before`;
        return line("announced", key, [
          `manifest ${serial} of ${count(files)} ${files === 1 ? "file" : "files"}, ${count(bytes)} bytes${step}`,
        ]);
      }
      case "brought":
        return tellBrought(event);
      case "chunk": {
        const { device, bytes, size } = event;
        if (event.totalChunks <= 1) return undefined; // it is there by the time that it could be read
        const share = size === 0 ? 1 : bytes / size;
        const percent = `${Math.floor(share * 100)} %`;
        const done = `${count(bytes)} of ${count(size)} bytes`;
        const transfer = of(key, device);
        const isNewTenth = rates.entersTenth(transfer, share);
        const details = [...named(device), percent, ...rates.tell(transfer, bytes, size), done];
        const narration = line("fetching", key, details, { device, transient: true, shared: "" });
        const at = narration.text.indexOf(percent, label("").length + printable(key).length);
        return { ...narration, meter: { share, at, isNewTenth } };
      }
      case "installed":
        return tellInstalled(event);
      case "unchanged": {
        const { device } = event;
        endDelivery(key, device);
        const why = "the device has these bytes already; nothing was fetched";
        return line("unchanged", key, [...named(device), why], { device, shared: why });
      }
      case "notice": {
        const { device, what, detail, ends } = event;
        if (ends && device !== undefined) endDelivery(key, device);
        return line(what, key, [...named(device), detail], { device, shared: detail });
      }
    }
  };
}

/** One file's delivery to one device. */
function of(key: string, device: string): string {
  return JSON.stringify([key, device]);
}

function onLink({ bytes, messages }: LinkUse): string {
  return `${count(bytes)} bytes in ${count(messages)} ${messages === 1 ? "message" : "messages"} on the link`;
}

/** What the link carried against the size of the file. */
function ofFile(bytes: number, size: number): string {
  const share = size === 0 ? 1 : bytes / size;
  if (share < 0.005) return ", less than 0.01 of the file";
  if (share < 1) return `, ${share.toFixed(2)} of the file`;
  return size === 0 ? "" : `, ${count(bytes - size)} more than the file`;
}
