import { setTimeout as sleep } from "node:timers/promises";
import { findDeployment } from "../../cloud/find-deployment.ts";
import { openFleets } from "../../cloud/fleets/open-fleets.ts";
import { kept, keptEach } from "../../cloud/kept.ts";
import { createMembership } from "../../cloud/membership.ts";
import { openProject } from "../../cloud/notehub/open-project.ts";
import { openDeliveries } from "../../cloud/open-deliveries.ts";
import type { CliContext } from "../context.ts";
import { printJson, printJsonLine, say } from "../terminal/print.ts";
import type { Asking } from "./asking.ts";
import type { StatusFlags } from "./flags.ts";
import { show } from "./show.ts";
import type { Shown } from "./shown.ts";
import { watch } from "./watch.ts";

/** A token that Notehub gave for an hour is asked for again long before, and not at each look of `--watch`. */
const PROJECT_MS = 5 * 60_000;
/** Nor who is in a fleet: Notehub counts calls, seven a minute where nothing is paid. */
const MEMBERS_MS = 60_000;

export async function runStatus(this: CliContext, flags: StatusFlags, what?: string): Promise<void> {
  const { signal, process } = this;
  const deployment = await findDeployment(flags, this);
  using deliveries = openDeliveries(deployment, signal);
  using fleets = openFleets(deployment, signal);
  const project = kept(PROJECT_MS, () => openProject(deployment, signal));
  const membership = createMembership(deployment, project, signal);
  const asking: Asking = {
    ...{ deliveries, fleets, defaultTarget: deployment.outputs.DefaultTarget },
    members: keptEach(MEMBERS_MS, membership.devicesOf),
    fleetsOf: keptEach(MEMBERS_MS, membership.ownersOf),
  };
  const look = () => show(this, asking, flags, what);
  const print = ({ text, note, json }: Shown) => {
    if (!flags.json) process.stdout.write(text);
    else if (flags.watch) printJsonLine(this, json);
    else printJson(this, json);
    if (note !== undefined) say(this, note);
  };
  if (!flags.watch) return print(await look());
  await watch({
    look,
    print(shown, isFirst) {
      if (!flags.json && !isFirst) process.stdout.write("\n");
      print(shown);
    },
    tell: (sentence) => say(this, sentence),
    pause: (ms) => sleep(ms, undefined, { signal }),
    random: Math.random,
    now: Date.now,
  });
}
