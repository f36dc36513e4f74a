import type { IncomingMessage } from "node:http";
import type { VerifiedRequest } from "../sigv4/verify.ts";
import { ClientGone, openBody } from "./body/request-body.ts";
import { type Exchange, observationOf, operationOf } from "./exchange.ts";
import { authenticate } from "./http/authenticate.ts";
import { corsHeaders, preflightHeaders } from "./http/cors.ts";
import { drain } from "./http/drain.ts";
import { asS3Error, errorReply } from "./http/error-reply.ts";
import type { Handler } from "./http/http-server.ts";
import { EMPTY, type Reply, sendReply } from "./http/reply.ts";
import { newRequestId, parseRequest } from "./http/s3-request.ts";
import type { S3Fault, S3Observation, S3Operation } from "./observation.ts";
import { chooseOperation } from "./operations/choose-operation.ts";
import { refuseHeaders } from "./operations/not-implemented.ts";
import { headerNames } from "./operations/object-headers.ts";
import { requireAllowed, type S3Call } from "./operations/operation.ts";
import { operations } from "./operations/table.ts";
import { S3Error } from "./s3-error.ts";
import { requireBucket } from "./store/require-bucket.ts";

/** What every request has in common. */
export type HandlerContext = Omit<S3Call, "request" | "caller" | "body"> & {
  observe: ((observation: S3Observation) => void) | undefined;
  fault: ((operation: S3Operation) => S3Fault | undefined) | undefined;
  /** Gets the faults inside, of which the client hears nothing. */
  report: (fault: unknown) => void;
};

/** Parses, authenticates, authorises and carries out a request, and answers it whatever happens. */
export function createHandler(context: HandlerContext): Handler {
  return async (incoming, response, sendContinue) => {
    const exchange: Exchange = { id: newRequestId(), operation: "Unknown", principal: "" };
    let mustContinue = sendContinue;
    const continueOnce = () => {
      mustContinue?.();
      mustContinue = undefined;
    };
    const reply = await answer(context, exchange, incoming, continueOnce);
    await exchange.body?.release();
    if (reply === undefined) {
      context.observe?.(observationOf(exchange, { status: 0 }, 0));
      response.destroy();
      return;
    }
    // A client that was not told to continue sends its body too late or never.
    const reusable = mustContinue === undefined && (await drain(incoming));
    const headers = {
      ...corsOf(context, exchange),
      "x-amz-request-id": exchange.id,
      "x-amz-id-2": exchange.id,
      date: new Date(context.now()).toUTCString(), // clients set their clocks by it
      server: "NoteferryS3",
      ...(reusable ? {} : { connection: "close" }),
    };
    let observed = false;
    const observe = (sent: Reply, bytesOut: number) => {
      if (!observed) context.observe?.(observationOf(exchange, sent, bytesOut));
      observed = true;
    };
    const send = (sent: Reply) =>
      sendReply(
        response,
        { ...sent, headers: { ...sent.headers, ...headers } },
        incoming.method ?? "",
        (bytesOut) => observe(sent, bytesOut),
      );
    try {
      await send(reply);
    } catch (error) {
      await letGo(reply).catch(() => undefined); // the first failure is reported below
      if (!incoming.destroyed) context.report(error);
      if (!response.headersSent && !response.destroyed) {
        await send(errorReply(asS3Error(error), exchange.id, exchange.request?.rawPath ?? ""));
        return;
      }
      response.destroy(); // only this can still tell the client that the reply is not whole
      observe({ status: 0 }, 0);
    }
  };
}

/** @returns undefined if the connection is to be cut. */
async function answer(
  context: HandlerContext,
  exchange: Exchange,
  incoming: IncomingMessage,
  sendContinue: () => void,
): Promise<Reply | undefined> {
  try {
    return await carryOut(context, exchange, incoming, sendContinue);
  } catch (fault) {
    if (fault instanceof ClientGone) return undefined;
    const error = asS3Error(fault);
    if (error.status >= 500 && fault !== error) context.report(fault);
    return errorReply(error, exchange.id, exchange.request?.rawPath ?? "");
  }
}

async function carryOut(
  context: HandlerContext,
  exchange: Exchange,
  incoming: IncomingMessage,
  sendContinue: () => void,
): Promise<Reply | undefined> {
  const request = parseRequest(incoming, exchange.id);
  exchange.request = request;
  const { store } = context;
  if (request.method === "OPTIONS") {
    exchange.operation = "Preflight";
    const { settings } = requireBucket(store, request.bucket);
    return { ...EMPTY, headers: { "content-length": 0, ...preflightHeaders(settings.cors, request) } };
  }
  const name = chooseOperation({ ...request, copies: request.header("x-amz-copy-source") !== undefined });
  exchange.operation = name;
  // A form carries its signature among its fields.
  const verified =
    name === "PostObject" ? undefined : authenticate(request, { ...context, now: context.now() });
  const caller = callerOf(verified);
  exchange.principal = caller.principal;
  refuseHeaders(request, headerNames(request));

  const fault = context.fault?.(operationOf(name, request, caller.principal));
  if (fault !== undefined && "fail" in fault) throw new S3Error(fault.fail);
  if (fault?.drop === "request") return undefined;

  const operation = operations[name];
  if (request.bucket !== "" && name !== "CreateBucket") requireBucket(store, request.bucket);
  const body = openBody(incoming, request, verified, sendContinue);
  exchange.body = body;
  const call: S3Call = { ...context, request, caller, body };
  if (verified !== undefined) requireAllowed(call, operation.needs(request));
  const reply = await operation.run(call);
  if (fault?.drop !== "reply") return reply;
  await letGo(reply);
  return undefined;
}

/** Closes the file of a body that is not sent. */
async function letGo({ body }: Reply): Promise<void> {
  if (typeof body !== "object" || !("stream" in body)) return;
  for await (const _ of body.stream) return; // leaving the loop closes the file
}

function callerOf(verified: VerifiedRequest | undefined): S3Call["caller"] {
  if (verified === undefined) return { principal: "", accessKeyId: "" };
  const { principal, accessKeyId } = verified.credential;
  return { principal, accessKeyId };
}

function corsOf({ store }: HandlerContext, { request, operation }: Exchange): Record<string, string> {
  if (request === undefined || operation === "Preflight") return {};
  return corsHeaders(store.buckets.find(request.bucket)?.settings.cors ?? [], request);
}
