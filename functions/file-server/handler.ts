import type { Logger } from "@aws-lambda-powertools/logger";
import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import middy, { type MiddyfiedHandler } from "@middy/core";
import { parseRequest } from "../../protocol/request.ts";
import type { Authorize } from "./authorization/authorization.ts";
import { errorReplies } from "./function-url/error-replies.ts";
import { readFunctionUrlEvent } from "./function-url/event.ts";
import { chunkReply, type FunctionUrlReply, rangeReply } from "./function-url/reply.ts";
import type { FileSource, Presign } from "./ports.ts";
import { serveChunk } from "./serve/serve-chunk.ts";
import { serveRange } from "./serve/serve-range.ts";

/** Kept back from the function's time-out for the reply and the log line that tell of it. */
const TIMEOUT_EARLY_MS = 300;

export type Handler = MiddyfiedHandler<unknown, FunctionUrlReply>;

/** The Lambda handler behind the function URL. */
export function createHandler({
  authorize,
  files,
  packed,
  presign,
  logger,
}: {
  authorize: Authorize;
  files: FileSource;
  packed: FileSource;
  /** Of the files. */
  presign: Presign;
  logger: Logger;
}): Handler {
  return middy<unknown, FunctionUrlReply>({ timeoutEarlyInMillis: TIMEOUT_EARLY_MS, timeoutEarlyResponse })
    .use(injectLambdaContext(logger, { logEvent: false, resetKeys: true })) // the event has the token
    .use(errorReplies(logger))
    .handler(async (event, _context, { signal }) => {
      const raw = readFunctionUrlEvent(event);
      const admission = await authorize(raw); // before a word about paths, methods or files [NF-7.1]
      const request = parseRequest(raw);
      logger.appendKeys({ door: request.door, key: request.key });
      const source = request.packed ? packed : files; // [NF-10.1]
      return request.door === "range"
        ? // Who came by a header would send it along to S3, which refuses two authorisations. [NF-12.5]
          rangeReply(await serveRange(request, source, signal, admission === "link" ? presign : undefined))
        : chunkReply(await serveChunk(request, source, signal));
    });
}

function timeoutEarlyResponse(): never {
  throw new Error("the function's time-out is near");
}
