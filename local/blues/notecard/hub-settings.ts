import * as v from "valibot";
import type { SettingStore } from "./flash/setting-store.ts";

export const MODES = ["periodic", "continuous", "minimum", "off", "dfu"] as const;

const settingsSchema = v.object({
  mode: v.picklist(MODES),
  /** The mode before `dfu`, to which `dfu-completed` returns. */
  modeBeforeDfu: v.picklist(MODES),
  product: v.string(),
  host: v.string(),
  sn: v.string(),
  /** Minutes; 0 for never. */
  inbound: v.number(),
  outbound: v.number(),
  sync: v.boolean(),
  vinbound: v.string(),
  voutbound: v.string(),
});

/** What `hub.set` sets, kept in flash. */
export type HubSettings = v.InferOutput<typeof settingsSchema>;

export const DEFAULT_HOST = "a.notefile.net";

/**
 * The settings of a new stand-in: those that a user of Noteferry gives a Notecard with power, so that files arrive
 * without a host's help. With those of the factory, `periodic`, it would never fetch.
 */
function initial(product: string): HubSettings {
  return {
    ...{ mode: "continuous", modeBeforeDfu: "continuous", product, host: DEFAULT_HOST, sn: "" },
    ...{ inbound: 60, outbound: 60, sync: true, vinbound: "", voutbound: "" },
  };
}

export type HubSettingsStore = {
  read(): HubSettings;
  write(changes: Partial<HubSettings>): void;
};

/** @param preset overrides the initial settings of a Notecard that has none in its flash */
export function openHubSettings(
  flash: SettingStore,
  product: string,
  preset: Partial<HubSettings>,
): HubSettingsStore {
  const stored = v.safeParse(settingsSchema, flash.get("hub"));
  let settings = stored.success ? stored.output : { ...initial(product), ...preset };
  return {
    read: () => settings,
    write(changes) {
      settings = { ...settings, ...changes };
      flash.set("hub", settings);
    },
  };
}
