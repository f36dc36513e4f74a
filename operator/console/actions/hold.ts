import { once } from "node:events";
import * as v from "valibot";
import { outputOf } from "../../cloud/deployment.ts";
import { holdFleet } from "../../cloud/fleets/hold-fleet.ts";
import { fleetOf } from "../../cloud/fleets/key-by-manifest.ts";
import { type Exchange, readJson } from "../http/exchange.ts";
import { SAFE_HEADERS } from "../http/headers.ts";
import type { World } from "../world.ts";

const Request = v.object({ key: v.string() });

/**
 * Keeps the fleet of a key from being announced to for as long as the browser stays with this answer, so that what is uploaded together is one
 * manifest. A first line says that it is held, or that there is nothing to hold. [NF-11.14]
 */
export async function holdWhileUploading(
  { deployment }: Pick<World, "deployment">,
  exchange: Exchange,
): Promise<void> {
  const { response, signal } = exchange;
  const { key } = await readJson(exchange, Request);
  const fleet = fleetOf(key, deployment.outputs.DefaultTarget);
  const begin = () => response.writeHead(200, { ...SAFE_HEADERS, "content-type": "application/x-ndjson" });
  if (fleet === undefined) return void begin().end("{}\n");
  outputOf(deployment, "AnnouncementsBucketName"); // an older one knows no holds
  await using _held = await holdFleet(deployment, fleet, "the console", signal);
  begin().write("{}\n");
  if (!signal.aborted) await once(signal, "abort");
  response.end();
}
