import { type IncomingHttpHeaders, request } from "node:http";
import { serveControl } from "../../../../local/control/door.ts";
import { createEventFeed, type EventFeed } from "../../../../local/control/event-feed.ts";
import { type LoopbackServer, startLoopbackServer } from "../../../../local/host/loopback/loopback-server.ts";
import { type CardUnderTest, cardUnderTest } from "../../blues/notecard/support/card-under-test.ts";
import { DEVICE } from "../../blues/notehub/support/hub-under-test.ts";

export const TOKEN = "control-token";

export type DoorReply = { status: number; headers: IncomingHttpHeaders; text: string; json: unknown };

/** A control door of a real Notehub, whose route leads nowhere, a Notecard, and of two functions that only count how often they are killed. */
export type DoorUnderTest = {
  blues: CardUnderTest;
  server: LoopbackServer;
  feed: EventFeed;
  killed: string[];
  /** `headers` go besides, or in place of, Host and Authorization; undefined leaves one out. */
  ask(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string | undefined>,
  ): Promise<DoorReply>;
  [Symbol.asyncDispose](): Promise<void>;
};

export async function doorUnderTest(keepAliveMs?: number): Promise<DoorUnderTest> {
  const blues = await cardUnderTest(
    {},
    { routes: [{ alias: "files", url: "https://localhost:1", headers: {}, timeoutSeconds: 9 }] },
  );
  const server = await startLoopbackServer();
  const feed = createEventFeed(keepAliveMs);
  const killed: string[] = [];
  const functions = ["FileNotifierFunction", "FileServerFunction"].map((name) => ({
    name,
    kill: () => killed.push(name),
  }));
  const devices = [{ deviceUid: DEVICE, serial: blues.card.faults }];
  const iot = { restart: async () => void killed.push("iot") };
  serveControl(server, TOKEN, { notehub: blues.test.hub, devices, functions, iot, feed });
  return {
    ...{ blues, server, feed, killed },
    ask: (method, path, body, headers = {}) =>
      new Promise((resolve, reject) => {
        const all = { host: `localhost:${server.port}`, authorization: `Bearer ${TOKEN}`, ...headers };
        const given = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
        const asked = request({ port: server.port, host: "127.0.0.1", method, path, headers: given });
        asked.on("error", reject);
        asked.on("response", async (response) => {
          let text = "";
          for await (const piece of response.setEncoding("utf8")) text += piece;
          const json = text === "" ? undefined : JSON.parse(text);
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json });
        });
        asked.end(typeof body === "string" ? body : JSON.stringify(body));
      }),
    async [Symbol.asyncDispose]() {
      feed.close();
      await server.close();
      await blues[Symbol.asyncDispose]();
    },
  };
}
