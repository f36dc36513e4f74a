import { buildCommand } from "@stricli/core";
import type { CliContext } from "../context.ts";
import { WHERE_FLAGS } from "../where.ts";
import type { ConsoleFlags } from "./flags.ts";

export const consoleCommand = buildCommand<ConsoleFlags, [], CliContext>({
  loader: async () => (await import("./run.ts")).runConsole,
  parameters: {
    flags: {
      port: {
        kind: "parsed",
        parse: parsePort,
        optional: true,
        placeholder: "port",
        brief: "Where it listens, on 127.0.0.1 (4607, or any that is free)",
      },
      ...WHERE_FLAGS,
    },
  },
  docs: {
    brief: "Serve a page on this machine: see devices and files, upload, roll back",
    fullDescription:
      "Serves a page on 127.0.0.1, with your credentials, until Ctrl-C, and prints a link to it. The link opens it in one browser, once.",
  },
});

/** @throws {Error} the parser's sentence */
function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new Error("expected a port, at most 65535");
}
