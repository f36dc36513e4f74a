import type { RequestListener } from "node:http";

/** A listener that is handed out before it is known what it does; requests wait until then. */
export function createLateListener(): { listener: RequestListener; serve(listener: RequestListener): void } {
  const { promise, resolve } = Promise.withResolvers<RequestListener>();
  return {
    listener: (request, response) => void promise.then((listener) => listener(request, response)),
    serve: resolve,
  };
}
