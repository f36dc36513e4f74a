import * as v from "valibot";
import { type Environment, sameVariables, variablesSchema } from "../notehub/variables.ts";
import type { SettingStore } from "./flash/setting-store.ts";

const storedSchema = v.object({ variables: variablesSchema, modified: v.number() });

const NONE: Environment = { variables: {}, modified: 0 };

/** Notehub's variables as they were at the last sync, kept in flash: a host that asks before the next one gets these. */
export type KnownVariables = {
  read(): Environment;
  /** @returns false if these are the ones that it has: then nothing was modified. */
  differs(current: Environment): boolean;
  take(current: Environment): void;
  forget(): void;
};

export function openKnownVariables(flash: SettingStore): KnownVariables {
  const stored = v.safeParse(storedSchema, flash.get("environment"));
  let known: Environment = stored.success ? stored.output : NONE;
  const take = (current: Environment) => {
    known = current;
    flash.set("environment", known);
  };
  return {
    read: () => known,
    differs: ({ variables, modified }) =>
      modified !== known.modified && !sameVariables(variables, known.variables),
    take,
    forget: () => take(NONE),
  };
}
