import { FlagError } from "../../local/host/command-line/flags.ts";
import { costsOf } from "./costs.ts";
import { parseCostFlags, USAGE } from "./flags.ts";
import { measureWay } from "./measure.ts";
import { NOTEHUB_LIMITS, PRICE_DATE, PRICE_REGION, PRICES } from "./prices.ts";
import { report } from "./report.ts";

// `npm run cost`: what AWS and Notehub take and charge for updates of a fleet, from what is counted in a run of the template with
// small fleets and from a table of list prices.
try {
  const flags = parseCostFlags(process.argv.slice(2));
  if (flags === undefined) console.log(USAGE);
  else {
    const tell = (line: string) => console.error(line);
    const notes = await measureWay("notes", tell);
    const variable = await measureWay("variable", tell);
    const jobs = await measureWay("jobs", tell);
    const costs = costsOf(flags, { notes, variable, jobs });
    const prices = { date: PRICE_DATE, region: PRICE_REGION, list: PRICES, limits: NOTEHUB_LIMITS };
    if (flags.json)
      console.log(
        JSON.stringify({ flags, ...costs, prices, counted: { notes, variable, jobs } }, undefined, 2),
      );
    else console.log(report(flags, costs));
  }
} catch (error) {
  if (!(error instanceof FlagError)) throw error;
  console.error(`${error.message}\n\n${USAGE}`);
  process.exitCode = 1;
}
