import * as v from "valibot";
import type { Environment } from "../../notehub/variables.ts";
import type { Card } from "../card.ts";
import { CardError } from "../card-error.ts";
import { openLocalVariables } from "../local-variables.ts";
import { defineRequest, flag, integer, required, text } from "../request.ts";

const UNCHANGED = "environment variables have not been modified {env-not-modified}";

/** One variable, some, or all: Notehub's as they were at the last sync, and the host's own; names are not case-sensitive. */
export const envGet = defineRequest(
  { name: text, names: v.optional(v.array(v.string())), time: integer },
  ({ name, names, time }, card) => {
    const { variables, modified } = environmentOf(card);
    if (time !== undefined && modified <= time) throw new CardError(UNCHANGED);
    const chosen = (names ?? (name === undefined ? undefined : [name]))?.map((wanted) =>
      wanted.toLowerCase(),
    );
    const found = Object.entries(variables).filter(
      ([key]) => chosen === undefined || chosen.includes(key.toLowerCase()),
    );
    const when = modified === 0 ? {} : { time: modified };
    if (name === undefined) return { json: { body: Object.fromEntries(found), ...when } };
    return { json: { text: found[0]?.[1], ...when } };
  },
);

export const envModified = defineRequest({ time: integer }, ({ time }, card) => {
  const { modified } = environmentOf(card);
  if (time !== undefined && modified <= time) throw new CardError(UNCHANGED);
  return { json: { time: modified } };
});

/** Sets a variable that nothing from Notehub overrides. */
export const envSet = defineRequest({ name: required, text }, ({ name, text: value = "" }, card) => ({
  json: { time: write(card, "set", name, value) },
}));

/** Sets what a variable is while Notehub has none of that name. */
export const envDefault = defineRequest(
  { name: required, text, sync: flag },
  ({ name, text: value = "", sync }, card) => {
    write(card, "defaults", name, value);
    if (sync) card.connection.sync({ inbound: true, outbound: true }, true);
    return { json: {} };
  },
);

function environmentOf({ connection, flash }: Card): Environment {
  return openLocalVariables(flash.settings).around(connection.environment());
}

/** @returns the time of the change: two within a second differ, or a host would miss the second one. */
function write(card: Card, layer: "set" | "defaults", name: string, value: string): number {
  const time = Math.max(card.now(), environmentOf(card).modified + 1);
  openLocalVariables(card.flash.settings).write(layer, name, value, time);
  return time;
}
