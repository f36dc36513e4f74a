import { mkdtemp, rm } from "node:fs/promises";
import type { IncomingHttpHeaders } from "node:http";
import { request as httpsRequest } from "node:https";
import { tmpdir } from "node:os";
import path from "node:path";
import type { NotehubOptions } from "../../../../../local/blues/notehub/options.ts";
import { type Notehub, startNotehub } from "../../../../../local/blues/notehub/server.ts";
import { startLoopbackServer } from "../../../../../local/host/loopback/loopback-server.ts";
import { loadLocalTls } from "../../../../../local/host/tls/local-ca.ts";

export const PROJECT = "app:00000000-0000-4000-8000-000000000001";
export const PRODUCT = "com.example.noteferry:test";
export const TOKEN = "test-personal-access-token";
export const DEVICE = "dev:000000000000001";
export const FLEET = "fleet:00000000-0000-4000-8000-000000000002";

export type ApiReply = { status: number; json: unknown; text: string; headers: IncomingHttpHeaders };

/** A Notehub of its own for a test, in a folder that goes with it. */
export type HubUnderTest = {
  hub: Notehub;
  dir: string;
  tls: TestTls;
  /** Calls below the project, with the test's token unless told otherwise. */
  api(method: string, path: string, body?: unknown, options?: ApiOptions): Promise<ApiReply>;
  /** Closes the hub and starts another on the same file. */
  restart(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
};

export type ApiOptions = { token?: string | null; raw?: string; root?: boolean };

let tlsOfThisFile: Promise<TestTls> | undefined;

export type TestTls = { key: string; cert: string; ca: string };

/** A local CA and a certificate of it, made once for a file of tests. */
export function testTls(): Promise<TestTls> {
  tlsOfThisFile ??= makeTls();
  return tlsOfThisFile;
}

async function makeTls(): Promise<TestTls> {
  const dir = await mkdtemp(path.join(tmpdir(), "noteferry-tls-"));
  const tls = await loadLocalTls(dir);
  await rm(dir, { recursive: true });
  return tls;
}

export async function hubUnderTest(options: Partial<NotehubOptions> = {}): Promise<HubUnderTest> {
  const dir = await mkdtemp(path.join(tmpdir(), "noteferry-notehub-"));
  const tls = await testTls();
  const all: Omit<NotehubOptions, "server"> = {
    file: path.join(dir, "notehub.sqlite"),
    ca: tls.ca,
    projectUid: PROJECT,
    productUid: PRODUCT,
    tokens: [TOKEN],
    devices: [{ deviceUid: DEVICE, fleetUids: [FLEET] }],
    routes: [],
    ...options,
  };
  const start = async () => startNotehub({ ...all, server: await startLoopbackServer({ tls }) });
  const test: HubUnderTest = {
    hub: await start(),
    dir,
    tls,
    api: (method, below, body, { token = TOKEN, raw, root = false } = {}) =>
      call({
        ca: tls.ca,
        port: test.hub.port,
        method,
        path: root ? below : `/v1/projects/${PROJECT}${below}`,
        body: raw ?? (body === undefined ? undefined : JSON.stringify(body)),
        headers: token === null ? {} : { authorization: `Bearer ${token}` },
      }),
    async restart() {
      await test.hub.close();
      test.hub = await start();
    },
    async [Symbol.asyncDispose]() {
      await test.hub.close();
      await rm(dir, { recursive: true });
    },
  };
  return test;
}

type Call = {
  ca: string;
  port: number;
  method: string;
  path: string;
  body: string | undefined;
  headers: Record<string, string>;
};

function call({ body, headers: given, ...options }: Call): Promise<ApiReply> {
  // Node frames the body of a DELETE by its length alone.
  const length = body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) };
  const headers = { ...given, ...length };
  return new Promise((resolve, reject) => {
    const request = httpsRequest({ ...options, headers, host: "localhost", agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("error", reject);
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, text, json: parse(text), headers: response.headers }),
      );
    });
    request.on("error", reject);
    request.end(body);
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
