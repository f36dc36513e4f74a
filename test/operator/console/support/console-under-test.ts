import { type IncomingMessage, type RequestOptions, request } from "node:http";
import { readLocalDeployment } from "../../../../operator/cloud/local-deployment.ts";
import { startConsole } from "../../../../operator/console/start-console.ts";
import { type Services, startServices } from "../../support/services.ts";

export type Answer = { status: number; headers: IncomingMessage["headers"]; text: string };

export type ConsoleUnderTest = {
  services: Services;
  origin: string;
  /** A session's token. */
  token: string;
  link(): string;
  faults: unknown[];
  /** A request as the page would make it, or with other headers. */
  ask(
    method: string,
    path: string,
    options?: { headers?: RequestOptions["headers"]; body?: string },
  ): Promise<Answer>;
  stop(): Promise<void>;
};

/** A console over real HTTP, with S3, queues, Notehub and the table of one machine behind it. */
export async function startConsoleUnderTest(
  options: Parameters<typeof startServices>[0] = {},
): Promise<ConsoleUnderTest> {
  const services = await startServices({ table: true, ...options });
  const faults: unknown[] = [];
  const console = await startConsole(await readLocalDeployment(services.folder), 0, (fault) =>
    faults.push(fault),
  );
  const origin = `http://127.0.0.1:${console.port}`;
  const ask: ConsoleUnderTest["ask"] = (method, path, { headers = {}, body } = {}) =>
    knock(console.port, { method, path, headers: { ...headersOf(origin, under.token), ...headers } }, body);
  const under: ConsoleUnderTest = {
    ...{ services, origin, token: "", link: console.link, faults, ask },
    async stop() {
      await console.close();
      await services.stop();
    },
  };
  const invitation = new URL(console.link()).hash.slice(1);
  const opened = await ask("POST", "/api/session", { body: JSON.stringify({ invitation }) });
  under.token = JSON.parse(opened.text).session;
  return under;
}

/** What the browser sends with a request of the page. */
export function headersOf(origin: string, token: string): Record<string, string> {
  return { origin, "sec-fetch-site": "same-origin", authorization: `Bearer ${token}` };
}

/** A request with any header, `Host` too; one that is undefined is left out. */
export function knock(port: number, options: RequestOptions, body?: string): Promise<Answer> {
  const headers = Object.entries(options.headers ?? {}).filter(([, value]) => value !== undefined);
  return new Promise((resolve, reject) => {
    const asked = request({ ...options, host: "127.0.0.1", port, headers: Object.fromEntries(headers) });
    asked.on("error", reject);
    asked.on("response", async (response) => {
      let text = "";
      for await (const piece of response) text += piece;
      resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
    });
    asked.end(body);
  });
}

/** The first lines of a live answer, which is then left. */
export async function firstLines(
  origin: string,
  path: string,
  token: string,
  most: number,
): Promise<unknown[]> {
  const leaving = new AbortController();
  const reply = await fetch(`${origin}${path}`, {
    headers: headersOf(origin, token),
    signal: leaving.signal,
  });
  const lines: unknown[] = [];
  let rest = "";
  for await (const piece of reply.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const parts = (rest + piece).split("\n");
    rest = parts.pop() ?? "";
    lines.push(...parts.map((line) => JSON.parse(line)));
    if (lines.length >= most) break;
  }
  leaving.abort();
  return lines;
}
