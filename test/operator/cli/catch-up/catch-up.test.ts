import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { startLoopbackServer } from "../../../../local/host/loopback/loopback-server.ts";
import { type Services, startServices } from "../../support/services.ts";

let services: Services;
let notehub: Awaited<ReturnType<typeof startLoopbackServer>>;
/** The cursors that were asked for. */
const asked: string[] = [];
/** How often the second page is to be cut. */
let cuts = 0;

beforeAll(async () => {
  services = await startServices();
  notehub = await startLoopbackServer();
  notehub.serve((request, response) => {
    const cursor = new URL(request.url ?? "", "http://notehub").searchParams.get("cursor") ?? "";
    asked.push(cursor);
    if (cursor !== "" && cuts-- > 0) return request.socket.destroy();
    const events = [{ device: "dev:1", file: `page-${cursor}.qo`, body: {} }];
    const has_more = cursor === "";
    response.writeHead(200).end(JSON.stringify({ events, has_more, next_cursor: has_more ? "second" : "" }));
  });
  services.outputs.NotehubUrl = notehub.url;
  await services.writeEndpoints();
});
beforeEach(() => {
  asked.length = 0;
  services.posted.length = 0;
});
afterAll(async () => {
  await notehub.close();
  await services.stop();
});

test("catch-up goes on after a lost connection, from where it was", async () => {
  cuts = 1;
  const run = await services.json(["catch-up"]);
  expect(run).toMatchObject({ code: 0, json: { recorded: 2, unreadable: 0, failed: 0 } });
  expect(run.err).toMatch(/cannot be reached.*It is asked again[^\n]*\nit goes on, after \d s\n/);
  expect(asked).toEqual(["", "second", "second"]);
  expect(services.posted).toMatchObject([{ file: "page-.qo" }, { file: "page-second.qo" }]);
});

test("Ctrl-C ends it while it waits for the connection", async () => {
  cuts = Number.POSITIVE_INFINITY;
  const interrupt = new AbortController();
  const run = await services.cli(["catch-up"], {
    signal: interrupt.signal,
    heard: ({ err }) => {
      if (err.includes("asked again")) interrupt.abort();
    },
  });
  expect(run).toMatchObject({ code: 130, out: "" });
  expect(asked).toEqual(["", "second"]);
});
