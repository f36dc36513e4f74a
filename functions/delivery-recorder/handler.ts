import type { Logger } from "@aws-lambda-powertools/logger";
import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import middy, { type MiddyfiedHandler } from "@middy/core";
import type { Verdict } from "./authorization/authorization.ts";
import { readFunctionUrlEvent } from "./event/function-url-event.ts";
import { readNotehubEvent } from "./event/notehub-event.ts";
import type { Report } from "./event/report.ts";
import type { RecordReport } from "./record/record-report.ts";
import type { Tell } from "./reporter.ts";

/** Kept back from the function's time-out for the reply. */
const TIMEOUT_EARLY_MS = 500;

/** Bytes of an event that a receipt could be in: Notehub adds a few kilobytes to a Note of at most eight. */
const EVENT_MAX_BYTES = 64 * 1024;

export type Reply = { statusCode: number; headers: Record<string, string>; body: string };

export type Handler = MiddyfiedHandler<unknown, Reply>;

/** The Lambda handler behind the function URL to which Notehub routes receipts. */
export function createHandler(flow: {
  authorize: (authorization: string | undefined) => Promise<Verdict>;
  record: RecordReport;
  tell: Tell;
  logger: Logger;
  now: () => number;
}): Handler {
  const { tell } = flow;
  return middy<unknown, Reply>({ timeoutEarlyInMillis: TIMEOUT_EARLY_MS, timeoutEarlyResponse })
    .use(injectLambdaContext(flow.logger, { logEvent: false, resetKeys: true })) // the event has the token
    .use({
      onError(request) {
        tell({ message: "put-off", reason: "a fault inside", cause: request.error });
        request.response = again("this cannot be recorded now");
      },
    })
    .handler(async (event, _context, { signal }) => {
      const { method, authorization, body } = readFunctionUrlEvent(event);
      const verdict = await flow.authorize(authorization); // before a word about anything else
      if (verdict === "unsure") {
        tell({ message: "put-off", reason: "the token is being changed, or cannot be looked up" });
        return again("the token cannot be judged now");
      }
      if (verdict === "refused") {
        tell({ message: "refused", reason: "unauthorized" });
        return reply(
          401,
          { err: "the bearer token is missing or wrong {unauthorized}" },
          { "WWW-Authenticate": "Bearer" },
        );
      }
      if (method !== "POST") return reply(405, { err: "events are posted {method}" }, { Allow: "POST" });
      if (body.length > EVENT_MAX_BYTES) return unreadable("it is too long", 413);
      const reading = readNotehubEvent(body.toString(), flow.now());
      if (reading.kind === "unreadable") return unreadable(reading.reason, 400);
      if (reading.kind === "ignored") return reply(200, { ignored: reading.file });
      await record(reading.report, signal);
      return reply(200, {});
    });

  /** Cut off, it goes on where it was when the event comes again. */
  async function record(report: Report, signal: AbortSignal): Promise<void> {
    tell({ message: "recorded", report, ...(await flow.record(report, signal)) });
  }

  function unreadable(reason: string, statusCode: number): Reply {
    tell({ message: "unreadable", reason });
    return reply(statusCode, { err: `${reason} {bad-request}` });
  }
}

/** Notehub sends an event again whose route answered with a fault. */
function again(sentence: string): Reply {
  return reply(503, { err: `${sentence} {try-again}` }, { "Retry-After": "10" });
}

function reply(statusCode: number, body: object, headers: Record<string, string> = {}): Reply {
  return {
    statusCode,
    headers: { "Content-Type": "application/json", ...headers },
    body: JSON.stringify(body),
  };
}

function timeoutEarlyResponse(): never {
  throw new Error("the function's time-out is near");
}
