import path from "node:path";
import type { AgentEvent } from "../events/agent-event.ts";
import type { ManifestWord } from "../link/iot/judge-job.ts";
import { createIotLinks } from "../link/iot/open.ts";
import type { ThingSettings } from "../link/iot/thing-settings.ts";
import type { Links } from "../link/link.ts";
import { createNotecardLinks } from "../link/notecard/open.ts";
import type { RunSettings, SettingsOf } from "./run-settings.ts";

/** The links that the settings choose. */
export function createLinks(
  settings: Omit<RunSettings, "run">,
  state: string,
  wordOf: (target: string) => ManifestWord,
  tell: (event: AgentEvent) => void,
): Links {
  if (settings.link === "iot")
    return createIotLinks(thingSettings(settings), path.join(state, "passes.json"), wordOf, tell);
  const { notecard, notecardText } = notecardSettings(settings);
  return createNotecardLinks({ ...settings, notecard, notecardText }, tell);
}

type Chosen = Omit<SettingsOf<"run"> | SettingsOf<"doctor">, "run">;

/** Those of a thing: they are required with that link. */
export function thingSettings(settings: Chosen): ThingSettings {
  const { thing, endpoint, certificate, key } = settings;
  if (thing === undefined || endpoint === undefined || certificate === undefined || key === undefined)
    throw new TypeError("what a link requires is checked with the settings");
  return { ...settings, thing, endpoint, certificate, key };
}

export function notecardSettings({ notecard, notecardText }: Chosen) {
  if (notecard === undefined || notecardText === undefined)
    throw new TypeError("what a link requires is checked with the settings");
  return { notecard, notecardText };
}
