import { constants } from "node:fs";
import { access, realpath, statfs } from "node:fs/promises";
import * as v from "valibot";
import { errnoOf } from "../install/install-failed.ts";
import { createNotecard, type Notecard } from "../notecard/notecard.ts";
import { openPort } from "../notecard/open-port.ts";
import { openStateFolder } from "../state/state-folder.ts";
import type { RunSettings } from "./run-settings.ts";

/** One thing that was looked at. `advice` is what to do about it. */
export type Finding = { what: string; ok: boolean; detail: string; advice?: string };

/** Bytes below which a disk is as good as full. */
const LITTLE_BYTES = 16 * 1024 * 1024;

/** Seconds by which clocks may differ before certificates and logs suffer. */
const CLOCK_TOLERANCE_S = 120;

const Version = v.looseObject({ version: v.string(), device: v.optional(v.string(), "?") });
const HubGet = v.looseObject({
  mode: v.optional(v.string(), ""),
  product: v.optional(v.string(), ""),
  inbound: v.optional(v.number(), 0),
  sync: v.optional(v.boolean(), false),
});
const HubStatus = v.looseObject({
  connected: v.optional(v.boolean(), false),
  status: v.optional(v.string(), ""),
});
const CardTime = v.looseObject({ time: v.optional(v.number(), 0) });
const WebGet = v.looseObject({ result: v.number() });

/** Looks at everything a delivery needs. Costs one small request over the radio. */
export async function examine(settings: RunSettings, signal: AbortSignal): Promise<Finding[]> {
  return [...(await examineFolders(settings)), ...(await examineNotecard(settings, signal))];
}

async function examineFolders({ root, state }: RunSettings): Promise<Finding[]> {
  return [
    await look("root", `make ${root}, and let the agent's user write to it`, async () => {
      await access(root, constants.W_OK | constants.X_OK);
      const { bavail, bsize } = await statfs(root);
      if (bavail * bsize < LITTLE_BYTES) throw new Error(`only ${bavail * bsize} bytes are free`);
      return `${root}, ${Math.floor((bavail * bsize) / 1024 / 1024)} MiB free`;
    }),
    await look("state", `choose a folder outside ${root} that the agent's user may write to`, async () => {
      const real = await openStateFolder(state, await realpath(root).catch(() => root));
      await access(real, constants.W_OK | constants.X_OK);
      return real;
    }),
  ];
}

async function examineNotecard(settings: RunSettings, signal: AbortSignal): Promise<Finding[]> {
  let notecard: Notecard | undefined;
  const port = await look(
    "port",
    "check the address, the cable, and that no other program holds the port",
    async () => {
      notecard = createNotecard(await openPort(settings.notecard, signal));
      return settings.notecardText;
    },
  );
  if (notecard === undefined) return [port];
  const ask: Ask = async (schema, request) => v.parse(schema, await notecard?.request(request));
  try {
    const card = await look(
      "Notecard",
      "is it one, and the rate its own? A main UART has 9600 baud",
      async () => {
        const { version, device } = await ask(Version, { req: "card.version" });
        return `${device}, firmware ${version}`;
      },
    );
    return card.ok ? [port, card, ...(await examineHub(ask, settings.route))] : [port, card];
  } finally {
    await notecard.close();
  }
}

async function examineHub(ask: Ask, route: string): Promise<Finding[]> {
  return [
    await look("product", "set it: noteferry-agent run --product <ProductUID>", async () => {
      const { product } = await ask(HubGet, { req: "hub.get" });
      if (product === "") throw new Error("none is set");
      return product;
    }),
    await look("sync", "set it: noteferry-agent run --mode continuous, or periodic", async () => {
      const { mode, inbound, sync } = await ask(HubGet, { req: "hub.get" });
      if (mode !== "continuous" && mode !== "periodic")
        throw new Error(`the mode is ${mode}: nothing is fetched`);
      if (inbound === 0 && !sync) throw new Error(`${mode}, but without "inbound" no Note is ever fetched`);
      return `${mode}, inbound every ${inbound} min${sync ? ", told at once" : ""}`;
    }),
    await look(
      "Notehub",
      "look at the antenna and the SIM; a periodic Notecard is connected only at times",
      async () => {
        const { connected, status } = await ask(HubStatus, { req: "hub.status" });
        if (!connected) throw new Error(status === "" ? "not connected" : status);
        return "connected";
      },
    ),
    await look("route", `make a proxy route with the alias "${route}", as the deployment's outputs say`, () =>
      examineRoute(ask, route),
    ),
    await look("clock", "let the host set its clock, by NTP or from card.time", async () => {
      const { time } = await ask(CardTime, { req: "card.time" });
      const difference = Math.round(Date.now() / 1000 - time);
      if (Math.abs(difference) > CLOCK_TOLERANCE_S) throw new Error(`${difference} s off the Notecard's`);
      return `${difference} s off the Notecard's`;
    }),
  ];
}

type Ask = <const Schema extends v.GenericSchema>(
  schema: Schema,
  request: { req: string },
) => Promise<v.InferOutput<Schema>>;

/** A request that names no file is 400 for whom the server knows, and 401 for anybody else. */
async function examineRoute(ask: Ask, route: string): Promise<string> {
  const request = { req: "web.get", route, name: "/", content: "application/json", seconds: 60 };
  const { result } = await ask(WebGet, request);
  if (result === 400) return `${route} reaches the file-server, which knows its token`;
  if (result === 401 || result === 403)
    throw new Error(`the file-server refuses the route's token (${result})`);
  throw new Error(`what ${route} leads to answers ${result}: is its URL the file-server's?`);
}

async function look(what: string, advice: string, task: () => Promise<string>): Promise<Finding> {
  try {
    return { what, ok: true, detail: await task() };
  } catch (error) {
    const detail = error instanceof v.ValiError ? "an answer without sense" : sentenceOf(error);
    return { what, ok: false, detail, advice };
  }
}

function sentenceOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return errnoOf(error) === "ENOENT" ? `it is not there: ${message}` : message;
}
