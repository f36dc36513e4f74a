import { connect } from "node:net";
import { createInterface } from "node:readline";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import * as v from "valibot";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ascii, type GetChunk, HOSTS, readBody } from "../support/sample-hosts.ts";
import { ask } from "./support/ask.ts";
import { type Flow, startFlow } from "./support/flow.ts";

let flow: Flow;
beforeAll(async () => {
  flow = await startFlow({ agent: false });
});
afterAll(() => flow.stop());

const Reply = v.object({ result: v.literal(200), body: v.unknown() });

/** `web.get` as the hosts send it to the Notecard: by their own route, the name not encoded. */
async function withNotecard<Result>(file: string, task: (get: GetChunk) => Promise<Result>): Promise<Result> {
  const { host, port } = flow.stack.endpoints.notecard;
  const socket = connect(port, host);
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
  try {
    return await task(async (chunk) => {
      const request = { req: "web.get", route: "remoteFileDownloader", name: `?file=${file}&chunk=${chunk}` };
      socket.write(`${JSON.stringify(request)}\n`);
      const { body } = v.parse(Reply, JSON.parse((await lines.next()).value ?? "null"));
      return readBody(body);
    });
  } finally {
    socket.destroy();
  }
}

describe("[NF-4.1] [NF-4.2] through Notehub's route and the deployed function", () => {
  for (const [name, host] of HOSTS) {
    test.each([1, 249, 250, 251, 1000, 20_000])(`${name} gets %i bytes exactly`, async (length) => {
      const key = `sample-${length}.py`;
      await flow.s3.send(new PutObjectCommand({ Bucket: flow.bucket, Key: key, Body: ascii(length) }));
      // Each host appends one newline when it saves.
      expect(await withNotecard(key, host)).toBe(`${ascii(length)}\n`);
    });
  }
});

test("[NF-5.8] [NF-5.9] a client that compares header names letter by letter finds them, and has no copy sent again", async () => {
  const content = ascii(100);
  await flow.s3.send(new PutObjectCommand({ Bucket: flow.bucket, Key: "range.py", Body: content }));
  const part = await ask(flow, "/files/range.py", undefined, { range: "bytes=0-9" });
  expect([part.status, part.body]).toEqual([206, content.slice(0, 10)]);
  expect(part.headers).toMatchObject({ "Content-Range": "bytes 0-9/100", "Content-Length": "10" });
  expect(Date.parse(part.headers["Last-Modified"] ?? "")).toBeLessThanOrEqual(Date.now());
  const known = { "if-none-match": part.headers.ETag ?? "" };
  expect(await ask(flow, "/files/range.py", undefined, known)).toMatchObject({ status: 304, body: "" });
});
