import * as v from "valibot";
import type { SettingStore } from "./flash/setting-store.ts";

const trackersSchema = v.record(v.string(), v.record(v.string(), v.number()));

/** Change trackers: by name and notefile, the `seq` of the last Note shown. */
export type Trackers = {
  /** 0 for a tracker that has seen nothing. */
  get(tracker: string, notefile: string): number;
  set(tracker: string, notefile: string, seq: number): void;
  delete(tracker: string): void;
};

export function openTrackers(flash: SettingStore): Trackers {
  const stored = v.safeParse(trackersSchema, flash.get("trackers"));
  const trackers = new Map(Object.entries(stored.success ? stored.output : {}));
  const save = () => flash.set("trackers", Object.fromEntries(trackers));
  return {
    get: (tracker, notefile) => new Map(Object.entries(trackers.get(tracker) ?? {})).get(notefile) ?? 0,
    set(tracker, notefile, seq) {
      trackers.set(tracker, { ...trackers.get(tracker), [notefile]: seq });
      save();
    },
    delete(tracker) {
      trackers.delete(tracker);
      save();
    },
  };
}
