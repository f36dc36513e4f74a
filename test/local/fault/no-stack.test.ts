import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { askControl } from "../../../local/fault/ask-control.ts";
import { findStack, NoStack } from "../../../local/fault/find-stack.ts";
import { runCommand } from "../../../local/fault/run-command.ts";
import { listenOnLoopback } from "../../../local/host/loopback/listen-on-loopback.ts";

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), "noteferry-fault-"));
});
afterEach(() => rm(dataDir, { recursive: true }));

test("without a stack it says so, and how to start one", async () => {
  await expect(findStack(dataDir)).rejects.toThrow(NoStack);
  await expect(findStack(dataDir)).rejects.toThrow(`no stack runs with ${dataDir}: start one by npm start`);
});

test("an endpoints file without a control door is another version's", async () => {
  await writeFile(path.join(dataDir, "endpoints.json"), '{"ready":true}');
  await expect(findStack(dataDir)).rejects.toThrow("another version");
});

test("a stack that was killed left its file, and nothing answers", async () => {
  const server = createServer();
  const port = await listenOnLoopback(server, 0);
  await new Promise((resolve) => server.close(resolve));
  const control = { url: `http://localhost:${port}`, token: "t" };
  await expect(askControl(control, "GET", "/events")).rejects.toThrow(NoStack);
});

test("a stack that breaks off in the middle of its events is no crash of the command", async () => {
  await using server = createServer((_request, response) => {
    response.write('data: {"step":"unch');
    // Later, so that the two are read apart.
    setTimeout(() => response.write('anged"}\n\n', () => response.destroy()), 30);
  });
  const control = { url: `http://localhost:${await listenOnLoopback(server, 0)}`, token: "t" };
  const said: string[] = [];
  await expect(runCommand({ do: "events" }, control, (line) => said.push(line))).rejects.toThrow("broke off");
  expect(said).toEqual(['{"step":"unchanged"}']);
});
