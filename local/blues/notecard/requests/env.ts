import * as v from "valibot";
import { CardError } from "../card-error.ts";
import { count, defineRequest, text } from "../request.ts";

const UNCHANGED = "environment variables have not been modified {env-not-modified}";

/** One variable, some, or all, as they were at the last sync; their names are not case-sensitive. */
export const envGet = defineRequest(
  { name: text, names: v.optional(v.array(v.string())), time: count },
  ({ name, names, time }, { connection }) => {
    const { variables, modified } = connection.environment();
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

export const envModified = defineRequest({ time: count }, ({ time }, { connection }) => {
  const { modified } = connection.environment();
  if (time !== undefined && modified <= time) throw new CardError(UNCHANGED);
  return { json: { time: modified } };
});
