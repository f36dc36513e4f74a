import * as v from "valibot";
import { findDeployment } from "../../cloud/find-deployment.ts";
import { manifestText } from "../../cloud/fleets/manifest-text.ts";
import { openDeliveries } from "../../cloud/open-deliveries.ts";
import { OperatorError } from "../../cloud/operator-error.ts";
import { takeSome } from "../../cloud/take.ts";
import { reasonText } from "../../words/reason-text.ts";
import type { CliContext } from "../context.ts";
import { formatTable, printJson, say } from "../terminal/print.ts";
import type { EventsFlags } from "./flags.ts";

/** A receipt, of a file or of a manifest, or an inventory, as the recorder keeps it. */
const Said = v.looseObject({
  at: v.number(),
  state: v.string(),
  name: v.optional(v.string(), ""),
  reason: v.optional(v.string(), ""),
  ended: v.optional(v.string()),
  count: v.optional(v.number()),
  fleet: v.optional(v.string()),
  serial: v.optional(v.number()),
});

export async function runEvents(this: CliContext, flags: EventsFlags, device: string): Promise<void> {
  using deliveries = openDeliveries(await findDeployment(flags, this), this.signal);
  const { taken: said, more } = await takeSome(
    saidIn(deliveries.history(device, flags.limit, Date.now())),
    flags.limit,
  );
  if (said.length === 0) throw new OperatorError("not-found", `${device} said nothing in the last 90 days`);
  if (more) say(this, `and more: these are the newest ${said.length}, --limit shows more`);
  if (flags.json) return printJson(this, { device, events: said });
  const { stdout } = this.process;
  const rows = said.map((event) => {
    const { at, state, reason, ended } = event;
    const why = manifestText(event) ?? reasonText(reason, ended);
    return [new Date(at).toISOString(), shownState(state, reason), whatIn(event), why];
  });
  stdout.write(formatTable(stdout, ["AT", "STATE", "KEY", "REASON"], rows));
}

async function* saidIn(history: AsyncIterable<unknown>): AsyncGenerator<Event> {
  for await (const event of history) {
    const said = v.safeParse(Said, event);
    if (said.success) yield said.output;
  }
}

type Event = v.InferOutput<typeof Said>;

function whatIn({ name, count, fleet, serial }: Event): string {
  if (fleet !== undefined) return `${fleet} serial ${serial ?? "?"}`;
  return count === undefined ? name : `${count} files`;
}

/** As `status` calls it: a version that did not run was taken back. Programs find in `--json` what the device said. */
function shownState(state: string, reason: string): string {
  return state === "failed" && reason === "run" ? "rolled-back" : state;
}
