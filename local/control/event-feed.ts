import type { ServerResponse } from "node:http";
import type { StackEvent } from "../progress/stack-event.ts";
import { ControlError } from "./control-error.ts";

/** Most bytes that wait for one reader. One that is slower is cut off, so that it knows that it has missed something. */
const WAITING_MAX_BYTES = 256 * 1024;

/** Most readers at a time. */
const READERS_MAX = 32;

/** Milliseconds between two comments, by which either end finds out that the other is gone. */
const KEEP_ALIVE_MS = 15_000;

/** The stack's events, as they happen, for any number of readers. */
export type EventFeed = {
  publish(event: StackEvent): void;
  /** Makes a stream of server-sent events of a response. @throws {ControlError} 503 if there are too many. */
  send(response: ServerResponse): void;
  /** Ends every stream. A response's end is written at once, so the connections may be cut next. */
  close(): void;
};

/** https://html.spec.whatwg.org/multipage/server-sent-events.html */
export function createEventFeed(keepAliveMs = KEEP_ALIVE_MS): EventFeed {
  const readers = new Set<ServerResponse>();
  const write = (text: string) => {
    for (const reader of readers) {
      if (reader.writableLength > WAITING_MAX_BYTES) reader.destroy();
      else reader.write(text);
    }
  };
  let keepAlive: NodeJS.Timeout | undefined;
  return {
    publish: (event) => write(`data: ${JSON.stringify(event)}\n\n`),
    send(response) {
      if (readers.size >= READERS_MAX) {
        throw new ControlError(503, "too-many-readers", `${READERS_MAX} read the events already`);
      }
      keepAlive ??= setInterval(() => write(": keep-alive\n\n"), keepAliveMs).unref();
      readers.add(response);
      response.once("close", () => readers.delete(response));
      response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
      response.write(": keep-alive\n\n"); // at once, so that a reader knows that it missed nothing from here on
    },
    close() {
      clearInterval(keepAlive);
      for (const reader of readers) reader.end();
    },
  };
}
