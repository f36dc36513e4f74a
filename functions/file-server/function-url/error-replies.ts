import type { Logger } from "@aws-lambda-powertools/logger";
import type { MiddlewareObj } from "@middy/core";
import { RequestError } from "../../../protocol/errors.ts";
import { errorReply, type FunctionUrlReply } from "./reply.ts";

/**
 * Answers every error by the table: a `RequestError` as it says, anything else as a fault that says nothing of itself
 * to the caller and everything to the log. [NF-6.1] [NF-6.3]
 */
export function errorReplies(logger: Logger): MiddlewareObj<unknown, FunctionUrlReply> {
  return {
    onError: function answerError(request) {
      const { error } = request;
      if (error instanceof RequestError) {
        const { status, code, message: reason, cause } = error;
        // Anybody may send requests without a token: `createRefusals` counts them, and tells of them now and then.
        if (code === "unauthorized") request.response = errorReply(error);
        else if (cause === undefined || status < 429)
          logger.info("request refused", { status, code, reason });
        else logger.warn("request put off", { status, code, reason, cause });
        request.response = errorReply(error);
      } else {
        logger.error("request failed", error instanceof Error ? error : new Error(String(error)));
        request.response = errorReply(new RequestError("try-again", "this cannot be answered now"));
      }
    },
  };
}
