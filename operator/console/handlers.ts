import * as v from "valibot";
import { STAGES } from "../cloud/fleets/fleet-stage.ts";
import { retryDelivery } from "../cloud/retry-delivery.ts";
import { retryMs } from "../cloud/retry-ms.ts";
import { createDeadLetters } from "./actions/dead-letters.ts";
import { holdWhileUploading } from "./actions/hold.ts";
import { planUpload } from "./actions/plan-upload.ts";
import { planRollback, rollBack } from "./actions/rollback.ts";
import { giveShare, planShare } from "./actions/share.ts";
import { takeUpload } from "./actions/upload.ts";
import { type Exchange, type Handler, readJson, required, sendJson } from "./http/exchange.ts";
import { sendLive } from "./http/live.ts";
import type { Sessions } from "./http/session.ts";
import { attentionView } from "./views/attention.ts";
import { deviceView } from "./views/device.ts";
import { devicesView } from "./views/devices.ts";
import { createFileLook } from "./views/file.ts";
import { STATES_IN_ORDER } from "./views/file-line.ts";
import { fleetPageView, fleetsView } from "./views/fleet.ts";
import { folderView } from "./views/folder.ts";
import { startView, targetsView } from "./views/start.ts";
import type { World } from "./world.ts";

/** Between two looks at the table, while somebody looks: a receipt is to be seen within a second where one file or device is shown. */
const CLOSE_MS = 500;
const LIST_MS = 2_000;
/** All devices of each fleet of a page are looked at. */
const FLEETS_MS = 5_000;
/** SQS's numbers are a minute behind anyway. */
const QUEUE_MS = 10_000;
/** The list of all devices is counted anew every so many looks. */
const COUNTED_EVERY = 5;

const OpenRequest = v.object({ invitation: v.pipe(v.string(), v.maxLength(128)) });
const RetryRequest = v.object({ device: v.string(), path: v.string() });

/** What may be asked without a session's token: how to get one. */
export const UNGUARDED: ReadonlySet<string> = new Set(["POST /api/session"]);

export function createHandlers(
  world: World,
  sessions: Sessions,
  onFault: (error: unknown) => void,
): Readonly<Record<string, Handler>> {
  const live = <T>(everyMs: number, look: (exchange: Exchange) => (look: number) => Promise<T>): Handler => {
    return (exchange) => sendLive(exchange, { look: look(exchange), everyMs, retryMs: byChance, onFault });
  };
  const deadLetters = createDeadLetters(world);
  return {
    "POST /api/session": async (exchange) => {
      const { invitation } = await readJson(exchange, OpenRequest);
      const session = sessions.open(invitation);
      if (session === undefined) sendJson(exchange.response, { problem: "this link was used already" }, 401);
      else sendJson(exchange.response, { session });
    },
    "GET /api/start": live(
      QUEUE_MS,
      ({ signal }) =>
        () =>
          startView(world, signal),
    ),
    "GET /api/devices": live(LIST_MS, ({ query }) => {
      const [prefix, after] = [query.get("q") ?? "", query.get("after") ?? undefined];
      let total: Awaited<ReturnType<typeof devicesView>>["total"];
      return async (look) => {
        const view = await devicesView(world, { prefix, after, counted: look % COUNTED_EVERY === 1 });
        total = view.total ?? total;
        return { ...view, ...(total === undefined ? {} : { total }) };
      };
    }),
    "GET /api/attention": live(
      LIST_MS,
      ({ query }) =>
        () =>
          attentionView(world, query.get("after") ?? undefined),
    ),
    "GET /api/device": live(CLOSE_MS, (exchange) => {
      const uid = required(exchange, "id");
      return () => deviceView(world, uid);
    }),
    "GET /api/file": live(CLOSE_MS, (exchange) => {
      const { query } = exchange;
      const state = STATES_IN_ORDER.find((each) => each === query.get("state"));
      const after = query.get("after") ?? undefined;
      return createFileLook(world, { key: required(exchange, "key"), state, after });
    }),
    "GET /api/fleets": live(
      FLEETS_MS,
      ({ query }) =>
        () =>
          fleetsView(world, query.get("after") ?? undefined),
    ),
    "GET /api/fleet": live(LIST_MS, (exchange) => {
      const { query } = exchange;
      const stage = STAGES.find((each) => each === query.get("stage"));
      const after = query.get("after") ?? undefined;
      const fleet = required(exchange, "id");
      return () => fleetPageView(world, { fleet, stage, after });
    }),
    "GET /api/files": live(LIST_MS, ({ query, signal }) => {
      const [prefix, after] = [query.get("prefix") ?? "", query.get("after") ?? undefined];
      return () => folderView(world, prefix, after, signal);
    }),
    "GET /api/targets": async ({ query, response }) => {
      sendJson(response, await targetsView(world, query.get("q") ?? ""));
    },
    "POST /api/plan": (exchange) => planUpload(world, exchange),
    "POST /api/hold": (exchange) => holdWhileUploading(world, exchange),
    "PUT /api/upload": (exchange) => takeUpload(world, exchange),
    "GET /api/rollback": (exchange) => planRollback(world, exchange),
    "POST /api/rollback": (exchange) => rollBack(world, exchange),
    "GET /api/share": (exchange) => planShare(world, exchange),
    "POST /api/share": (exchange) => giveShare(world, exchange),
    "POST /api/retry": async (exchange) => {
      const { device, path } = await readJson(exchange, RetryRequest);
      await retryDelivery(world, device, path, exchange.signal);
      sendJson(exchange.response, {});
    },
    "GET /api/dead-letters": deadLetters.list,
    "POST /api/redrive": deadLetters.redrive,
  };
}

function byChance(faults: number): number {
  return retryMs(faults, Math.random());
}
