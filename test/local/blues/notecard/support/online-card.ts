import type { NotecardOptions } from "../../../../../local/blues/notecard/server.ts";
import { testTls } from "../../notehub/support/hub-under-test.ts";
import { startUpstream } from "../../notehub/support/upstream.ts";
import { cardUnderTest } from "./card-under-test.ts";

export const RAW = "application/octet-stream";
/** For `until`. */
export const CONNECTED = [
  { req: "hub.status" },
  ({ connected }: { connected?: unknown }) => connected === true,
] as const;

/** A Notecard with a route to a server that answers any range of 100,000 bytes, and JSON at /json. */
export async function online(options: Partial<NotecardOptions> = {}) {
  const file = Buffer.alloc(100_000, 3);
  const upstream = await startUpstream(await testTls(), ({ target, headers, body }, response) => {
    if (target === "/json") return void response.end(JSON.stringify({ got: body.toString() }));
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? "") ?? [];
    const slice = file.subarray(Number(from ?? 0), Number(to ?? 0) + 1);
    response.writeHead(206, { "content-range": `bytes ${from}-${to}/${file.length}` }).end(slice);
  });
  const routes = [{ alias: "r", url: upstream.url, headers: {}, timeoutSeconds: 10 }];
  const under = await cardUnderTest(options, { routes });
  return {
    ...under,
    seen: upstream.seen,
    async [Symbol.asyncDispose]() {
      await under[Symbol.asyncDispose]();
      await upstream[Symbol.asyncDispose]();
    },
  };
}
