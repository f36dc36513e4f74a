import { formatBytes } from "../../../words/format-bytes.ts";
import type { SharePlan } from "../../api.ts";
import { count } from "../words.ts";

/** How many devices a share means: `10 of 41 devices`. */
export function devicesAt(plan: SharePlan, percent: number): string {
  const { devices } = plan;
  if (devices === undefined) return "an unknown number of devices";
  return `${inAt(devices, plan, percent).toLocaleString("en")} of ${count(devices.at[100] ?? 0, "device")}`;
}

/** What would happen if that became the share, a sentence each. */
export function shareSentences(plan: SharePlan, percent: number): string[] {
  const { devices, percent: now, hasBefore } = plan;
  if (percent === now) return ["That is its share now: nothing would happen."];
  const change = devices && inAt(devices, plan, percent) - devices.in;
  const others = devices && (devices.at[100] ?? 0) - inAt(devices, plan, percent);
  if (percent > now)
    return [
      `${who(change, "more")} told of it. ${costOf(plan, change)}`,
      percent === 100
        ? "Then it is for all: a smaller share would take nothing back any more, but a rollback does."
        : `${outside(others, hasBefore)} Who is in stays in while the share grows.`,
    ];
  if (now === 100)
    return [
      "It was for all: who has it keeps it. Who has not, and is outside the share, is not asked to get it any more.",
      "To have the version before come back, roll back to it.",
    ];
  const leave = change === undefined ? undefined : -change;
  return [
    hasBefore
      ? `${leave === undefined ? "Those who leave the share" : count(leave, "device")} ${leave === 1 ? "goes" : "go"} back to the last version that was for all, and ${leave === 1 ? "restarts" : "restart"} what their rules name.`
      : "Who leaves the share keeps what it has: there is no version before for it.",
  ];
}

function inAt(
  devices: NonNullable<SharePlan["devices"]>,
  { percent: now }: SharePlan,
  percent: number,
): number {
  return percent === now ? devices.in : (devices.at[percent] ?? 0);
}

function who(devices: number | undefined, which: string): string {
  if (devices === undefined) return "More devices are";
  return devices === 1 ? `1 ${which} device is` : `${count(devices, `${which} device`)} are`;
}

/** What becomes of those who are not in. */
function outside(devices: number | undefined, hasBefore: boolean): string {
  if (devices === 1)
    return hasBefore
      ? "The other device has, or keeps, the last version that was for all."
      : "The other device keeps what it has: there is no version before for it.";
  const others = devices === undefined ? "The others" : `The other ${devices.toLocaleString("en")}`;
  return hasBefore
    ? `${others} have, or keep, the last version that was for all.`
    : `${others} keep what they have: there is no version before for them.`;
}

function costOf({ bytes, packed }: SharePlan, devices: number | undefined): string {
  const most = packed === undefined ? bytes : Math.min(bytes, packed);
  const all = devices === undefined || devices < 2 ? "" : `, ${formatBytes(most * devices)} in all`;
  return `On the link that takes at most ${formatBytes(most)} for a device${all}; less where a patch leads there.`;
}
