import * as v from "valibot";
import { type Environment, overlaid, variablesSchema, without } from "../notehub/variables.ts";
import type { SettingStore } from "./flash/setting-store.ts";

const layersSchema = v.object({ set: variablesSchema, defaults: variablesSchema, modified: v.number() });

type Layer = "set" | "defaults";

/** Variables that a host has set: `set` is above what Notehub says, `defaults` below. They stay on the Notecard. */
export type LocalVariables = {
  /** Notehub's variables with the local ones. */
  around(notehub: Environment): Environment;
  /** Sets a variable, or with empty text removes it. */
  write(layer: Layer, name: string, text: string, time: number): void;
};

export function openLocalVariables(flash: SettingStore): LocalVariables {
  const stored = v.safeParse(layersSchema, flash.get("variables"));
  const layers = stored.success ? stored.output : { set: {}, defaults: {}, modified: 0 };
  return {
    around: ({ variables, modified }) => ({
      variables: [variables, layers.set].reduce(overlaid, layers.defaults),
      modified: Math.max(modified, layers.modified),
    }),
    write(layer, name, text, modified) {
      const others = without(layers[layer], [name]);
      flash.set("variables", {
        ...layers,
        [layer]: text === "" ? others : { ...others, [name]: text },
        modified,
      });
    },
  };
}
