import * as v from "valibot";
import type { HttpExchange } from "../../cloud/notehub/http-exchange.ts";
import type { RouteStep } from "../../cloud/notehub/plan-routes.ts";
import type { WantedRoute } from "../../cloud/notehub/route.ts";

/** A notefile that is not of receipts: the recorder reads such an event, says that it ignores it, and writes nothing. */
const NOTEFILE = "noteferry-doctor.qo";
const EVENT = JSON.stringify({ device: "dev:000000000000000", file: NOTEFILE, body: {} });

const Ignored = v.pipe(v.string(), v.parseJson(), v.object({ ignored: v.literal(NOTEFILE) }));

const CATCH_UP = "noteferry catch-up then records what devices said meanwhile";

/**
 * Posts an event to the recorder as Notehub does, with the current token; and as Notehub's own route has it, where that differs.
 *
 * @param steps what is to be done about Notehub's routes; where they cannot be read, the check of the routes says so
 */
export async function checkRecorder(
  wanted: readonly WantedRoute[],
  steps: () => Promise<RouteStep[]>,
  exchange: HttpExchange,
  signal: AbortSignal,
): Promise<{ says: string; remedy?: string }> {
  const says: string[] = [];
  for (const { url, headers } of wanted) {
    const answer = await post(exchange, url, headers, signal);
    if (answer !== "taken")
      return {
        says: `${url} answers ${answer} to an event with the current token`,
        remedy: remedyFor(answer),
      };
    says.push(`${url} takes the current token`);
  }
  const planned = await steps().catch(() => []);
  signal.throwIfAborted();
  for (const step of planned) {
    const configured = configuredIn(step);
    if (configured === undefined) continue;
    const answer = await post(exchange, step.wanted.url, configured.headers, signal);
    if (answer === "taken") {
      says.push(`and still the older one that Notehub's route ${configured.uid} has`);
      continue;
    }
    return {
      says: `${says.join(", ")}, and answers ${answer} to the token of Notehub's route ${configured.uid}: what devices say is lost`,
      remedy: `noteferry connect mends the route; ${CATCH_UP}`,
    };
  }
  return { says: says.join(", ") };
}

/** The header of a route that has our URL and another token. One that leads elsewhere is not asked. */
function configuredIn(step: RouteStep): { uid: string; headers: Record<string, string> } | undefined {
  if (step.action !== "change" || step.configured?.url !== step.wanted.url) return undefined;
  const found = Object.entries(step.configured.http_headers ?? {}).filter(
    ([name]) => name.toLowerCase() === "authorization",
  );
  const isWanted = found.some(([, value]) => value === step.wanted.headers.Authorization);
  return isWanted ? undefined : { uid: step.uid, headers: Object.fromEntries(found) };
}

/** @returns the status of an answer that is not the recorder's to what it ignores. */
async function post(
  exchange: HttpExchange,
  url: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<"taken" | number> {
  const init = {
    method: "POST",
    headers: { ...headers, "content-type": "application/json" },
    body: EVENT,
  };
  const { status, text } = await exchange(url, init, signal);
  return status === 200 && v.is(Ignored, text) ? "taken" : status;
}

function remedyFor(status: number): string {
  if (status === 401)
    return `it reads a token that was changed within a minute; if it stays, deploy again. ${CATCH_UP}`;
  if (status === 503) {
    return "it cannot look up its token now, or one is being changed: try again in a minute; if it stays, its log says why";
  }
  if (status === 200 || status === 403 || status === 404)
    return "it is not the recorder that answers: deploy again, then noteferry connect";
  return `the recorder's log and the alarms say why; ${CATCH_UP}`;
}
