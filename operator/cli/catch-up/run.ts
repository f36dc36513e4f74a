import { setTimeout as sleep } from "node:timers/promises";
import { outputOf } from "../../cloud/deployment.ts";
import { findDeployment } from "../../cloud/find-deployment.ts";
import { createHttpExchange } from "../../cloud/notehub/http-exchange.ts";
import { openProject } from "../../cloud/notehub/open-project.ts";
import { readReceiptEvents } from "../../cloud/notehub/read-events.ts";
import { wantedRoutes } from "../../cloud/notehub/wanted-routes.ts";
import { OperatorError } from "../../cloud/operator-error.ts";
import { readSecret } from "../../cloud/secret-value.ts";
import type { CliContext } from "../context.ts";
import { printJson, say } from "../terminal/print.ts";
import type { CatchUpFlags } from "./flags.ts";
import { createPersistence, type Persisting } from "./persist.ts";

export async function runCatchUp(this: CliContext, flags: CatchUpFlags): Promise<void> {
  const deployment = await findDeployment(flags, this);
  const routes = await wantedRoutes(deployment, { type: "http" }, (arn) =>
    readSecret(deployment, arn, this.signal),
  );
  const route = routes.find(({ type }) => type === "http");
  if (route === undefined)
    throw new OperatorError("not-found", `${outputOf(deployment, "ReceiptRouteUrl")} has no route`);
  const exchange = createHttpExchange(deployment.aws.ca);
  const headers = { ...route.headers, "content-type": "application/json" };
  const persisting: Persisting = {
    tell: (sentence) => say(this, sentence),
    pause: (ms) => sleep(ms, undefined, { signal: this.signal }),
    random: Math.random,
    now: Date.now,
  };
  const [askNotehub, askRecorder] = [createPersistence(persisting), createPersistence(persisting)];
  const api = await openProject(deployment, this.signal);
  // The cursor stays with who reads: a call that is made again asks for the page that was not had.
  const patient: typeof api = { ...api, call: (...args) => askNotehub(() => api.call(...args)) };
  let [recorded, unreadable, failed] = [0, 0, 0];
  for await (const page of readReceiptEvents(patient, flags.since)) {
    for (const event of page) {
      this.signal.throwIfAborted();
      const init = { method: "POST", headers, body: JSON.stringify(event) };
      const { status } = await askRecorder(() => exchange(route.url, init, this.signal));
      if (status === 200) recorded += 1;
      else if (status === 400 || status === 413) unreadable += 1;
      else failed += 1; // one that cannot be recorded holds up no other device's
    }
    say(this, `${recorded} events recorded`);
  }
  if (unreadable > 0) say(this, `${unreadable} events were no receipts: the recorder's log says why`);
  if (flags.json) printJson(this, { recorded, unreadable, failed });
  if (failed > 0) {
    throw new OperatorError(
      "fault",
      `${failed} events could not be recorded: its log says why; try again later, nothing is done twice`,
    );
  }
}
