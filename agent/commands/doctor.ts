import * as v from "valibot";
import { type Connection, createConnection, readHubStatus } from "../link/notecard/connection.ts";
import { createNotecard, type Notecard } from "../notecard/notecard.ts";
import { NotecardError } from "../notecard/notecard-error.ts";
import { openPort } from "../notecard/open-port.ts";
import { examineAttn } from "./examine-attn.ts";
import { examineFolders } from "./examine-folders.ts";
import { examineThing } from "./examine-thing.ts";
import { type Finding, look } from "./finding.ts";
import { notecardSettings, thingSettings } from "./open-links.ts";
import { findRuleUsers } from "./rule-users.ts";
import type { SettingsOf } from "./run-settings.ts";

/** Seconds by which clocks may differ before certificates and logs suffer. */
const CLOCK_TOLERANCE_S = 120;

const Version = v.looseObject({ version: v.string(), device: v.optional(v.string(), "?") });
const HubGet = v.looseObject({
  mode: v.optional(v.string(), ""),
  product: v.optional(v.string(), ""),
  inbound: v.optional(v.number(), 0),
  sync: v.optional(v.boolean(), false),
});
const CardTime = v.looseObject({ time: v.optional(v.number(), 0) });
const WebGet = v.looseObject({ result: v.number() });

/**
 * Looks at everything a delivery needs. Over a Notecard it costs one small request over the radio, for which a periodic one connects.
 *
 * @param progress told what the examination waits for
 * @throws the signal's reason
 */
export async function examine(
  settings: SettingsOf<"doctor">,
  signal: AbortSignal,
  progress: (sentence: string) => unknown = () => undefined,
): Promise<Finding[]> {
  const folders = [...(await examineFolders(settings)), ...(await examineUsers(settings.run))];
  if (settings.link === "iot") return [...folders, ...(await examineThing(thingSettings(settings), signal))];
  const { notecard: address, notecardText } = notecardSettings(settings);
  let notecard: Notecard | undefined;
  const port = await look(
    "port",
    "check the address, the cable, and that no other program holds the port",
    async () => {
      notecard = createNotecard(await openPort(address, signal));
      return notecardText;
    },
  );
  if (notecard === undefined) return [...folders, port];
  const { close } = notecard;
  const stop = () => void close(); // ends whatever waits for the Notecard
  signal.addEventListener("abort", stop, { once: true });
  try {
    return [...folders, port, ...(await examineNotecard(notecard, settings, signal, progress))];
  } finally {
    signal.removeEventListener("abort", stop);
    await close();
  }
}

async function examineNotecard(
  notecard: Notecard,
  settings: SettingsOf<"doctor">,
  signal: AbortSignal,
  progress: (sentence: string) => unknown,
): Promise<Finding[]> {
  const ask: Ask = async (schema, request) => v.parse(schema, await notecard.request(request));
  const card = await look(
    "Notecard",
    "is the address a Notecard's, and the rate its own? A main UART has 9600 baud",
    async () => {
      const { version, device } = await ask(Version, { req: "card.version" });
      return `${device}, firmware ${version}`;
    },
  );
  if (!card.ok) return [card];
  const connection = createConnection(notecard, settings);
  const { attnCommand } = settings;
  try {
    const settled = await examineHubSettings(ask);
    const hub = await examineConnection(notecard, ask, connection, settings.connectMs, signal, progress);
    signal.throwIfAborted();
    const route = await examineRoute(ask, settings.route, hub.ok);
    const attn = attnCommand === undefined ? [] : [await examineAttn(notecard, attnCommand, signal)];
    return [card, ...settled, hub, route, ...attn, await examineClock(ask)];
  } finally {
    await connection.lower().catch(() => undefined); // the Notecard does it by itself after a while
  }
}

/** Nothing where no rule names a user. */
async function examineUsers(rules: SettingsOf<"doctor">["run"]): Promise<Finding[]> {
  const names = rules.flatMap(({ user }) => user ?? []);
  if (names.length === 0) return [];
  const advice = "correct the rule's user in the config file, and run the agent, and this, as root";
  return [
    await look("user", advice, async () => {
      await findRuleUsers(rules);
      return `programs can be started as ${[...new Set(names)].join(", ")}`;
    }),
  ];
}

type Ask = <const Schema extends v.GenericSchema>(
  schema: Schema,
  request: { req: string },
) => Promise<v.InferOutput<Schema>>;

async function examineHubSettings(ask: Ask): Promise<Finding[]> {
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
  ];
}

/** A periodic Notecard is rarely connected, which is no fault: it has to connect now, as it does for a delivery. */
function examineConnection(
  notecard: Notecard,
  ask: Ask,
  connection: Connection,
  connectMs: number,
  signal: AbortSignal,
  progress: (sentence: string) => unknown,
): Promise<Finding> {
  const advice = "look at the antenna, the coverage and the SIM; just switched on, it may need some minutes";
  return look("Notehub", advice, async () => {
    const { mode } = await ask(HubGet, { req: "hub.get" });
    if (mode !== "periodic") {
      const { connected, detail } = await readHubStatus(notecard);
      if (!connected) throw new Error(detail);
      return "connected";
    }
    const begin = performance.now();
    const patience = `this may take ${Math.ceil(connectMs / 60_000)} min`;
    await connection.raise(signal, (detail) =>
      progress(`the Notecard is periodic, and connects for this; ${patience} (${detail})`),
    );
    return `connected in ${Math.round((performance.now() - begin) / 1000)} s, for this examination`;
  });
}

/** The server answers a request that names no file with 400 if it knows the token, and with 401 if it does not. */
function examineRoute(ask: Ask, route: string, connected: boolean): Promise<Finding> {
  const advice = connected
    ? `make a proxy route with the alias "${route}", as the deployment's outputs say`
    : "let the Notecard connect to Notehub, then look again";
  return look("route", advice, async () => {
    const request = { req: "web.get", route, name: "/", content: "application/json", seconds: 60 };
    const { result } = await ask(WebGet, request);
    if (result === 400) return `${route} reaches the file-server, which knows its token`;
    if (result === 401 || result === 403)
      throw new Error(`the file-server refuses the route's token (${result})`);
    throw new Error(`what ${route} leads to answers ${result}: is its URL the file-server's?`);
  });
}

function examineClock(ask: Ask): Promise<Finding> {
  return look("clock", "let the host set its clock, by NTP or from card.time", async () => {
    const time = await readTime(ask);
    if (time === 0) return "the Notecard does not know the time yet, and so cannot tell";
    const difference = Math.round(Date.now() / 1000 - time);
    if (Math.abs(difference) > CLOCK_TOLERANCE_S) throw new Error(`${difference} s off the Notecard's`);
    return `${difference} s off the Notecard's`;
  });
}

/** Seconds since the epoch; 0 if the Notecard has not connected since it was switched on. */
async function readTime(ask: Ask): Promise<number> {
  try {
    return (await ask(CardTime, { req: "card.time" })).time;
  } catch (error) {
    if (error instanceof NotecardError && error.has("no-time")) return 0;
    throw error;
  }
}
