import * as v from "valibot";
import { kindOf } from "../control/parse-fault.ts";
import { PLACES, SCOPE } from "./arguments.ts";

const TOLD: Readonly<Record<string, string>> = {
  notehub: "what Notehub's API does to those who call it",
  serial: "what happens to the Notecard's next requests",
  route: "what the server behind the proxy route answers",
};

/** The kinds of fault come from the schemas, so that none is missing. */
export const USAGE = `npm run fault -- <what> [flags]

${Object.keys(PLACES).map(usageOf).join("\n\n")}

  clear [notehub | serial | route]   take faults away; without a place all of them
  kill <function>                    kill a function's processes: file-notifier, file-server
  kill iot                           end AWS IoT without a word, and start it from its database
  calls                              the calls of Notehub's API so far
  events                             what happens to files, a line of JSON each, until Ctrl-C

  --calls <n>        a fault of notehub or route meets n calls      (all, until cleared)
  --method <name>    and only those of this method
  --path <part>      and only those whose path has this in it
  --requests <n>     a fault of serial meets n requests             (1)
  --device <n>       a fault of serial or route meets device n, or UID   (serial: 1, route: all)
  --data <dir>       the data folder of the running stack           (.noteferry)
  --help

A second fault of notehub or route replaces the first; those of serial queue up.`;

function usageOf(place: string): string {
  const kinds = (PLACES[place]?.options ?? []).map((option) => {
    const members = Object.entries(option.entries).filter(
      ([name]) => name !== "kind" && !SCOPE.includes(name),
    );
    const words = members.map(([name, schema]) =>
      v.is(v.object({ type: v.literal("exact_optional") }), schema) ? `[${name}]` : `<${name}>`,
    );
    return [`    ${place}`, kindOf(option), ...words].join(" ");
  });
  return [`  ${TOLD[place]}:`, ...kinds].join("\n");
}
