import path from "node:path";
import type { NotecardAddress } from "../notecard/open-port.ts";
import { PLACES, type Places, SERVICE, UNIT_STATE } from "./places.ts";
import { formatUnit } from "./unit.ts";

/** One thing to do on the host. A `file` is written only if it is not as it says; with `keep` not even then. */
export type Step =
  | { do: "file"; path: string; content: string; mode: number; keep?: true }
  | { do: "copy"; from: string; path: string; mode: number }
  | { do: "link"; path: string; to: string }
  | { do: "folder"; path: string; mode: number }
  | { do: "run"; command: readonly string[]; why: string };

/** What is known of the host, and what a person wants. */
export type InstallWish = {
  /** As a config file has them. */
  settings: Readonly<Record<string, unknown>>;
  root: string;
  state: string;
  notecard?: NotecardAddress | undefined;
  /** Files of the agent's program, the first of which is started. */
  program: readonly string[];
  /** Node, as it runs now. */
  node: string;
  /** True for a package that is beside the program already. */
  hasPackage: (name: string) => boolean;
  /** Texts for people. */
  manPage: string;
  completion: string;
};

/** What the agent loads for a line of that kind; each is native code, and so no part of its one file. */
const PACKAGES: Readonly<Record<string, string>> = { serial: "serialport@13.0.0", i2c: "i2c-bus@5" };

/** What an installation does, up to the start of the service, in its order: doing it twice is doing it once. */
export function planInstall(wish: InstallWish, places: Places = PLACES): Step[] {
  const { settings, root, state, node } = wish;
  const [main = ""] = wish.program;
  const placed = path.join(places.program, path.basename(main));
  const wanted = PACKAGES[wish.notecard?.kind ?? ""];
  const lacks = wanted !== undefined && !wish.hasPackage(wanted.slice(0, wanted.lastIndexOf("@")));
  const start = [node, placed, "run", "--config", places.config];
  const folders = [places.program, path.dirname(places.config), root, state];
  const ownState = state === UNIT_STATE ? undefined : state;
  return [
    { do: "folder", path: places.program, mode: 0o755 },
    ...wish.program
      .filter((file) => path.dirname(file) !== places.program)
      .map(
        (from): Step => ({
          do: "copy",
          from,
          path: path.join(places.program, path.basename(from)),
          mode: 0o755,
        }),
      ),
    ...(lacks
      ? [
          {
            do: "run" as const,
            command: ["npm", "install", "--prefix", places.program, "--no-fund", "--no-audit", wanted],
            why: `a Notecard on ${wish.notecard?.kind === "i2c" ? "an I2C bus" : "a serial line"} takes it`,
          },
        ]
      : []),
    { do: "link", path: places.command, to: placed },
    { do: "folder", path: path.dirname(places.manPage), mode: 0o755 },
    { do: "file", path: places.manPage, content: wish.manPage, mode: 0o644 },
    { do: "folder", path: path.dirname(places.completion), mode: 0o755 },
    { do: "file", path: places.completion, content: wish.completion, mode: 0o644 },
    { do: "folder", path: path.dirname(places.config), mode: 0o755 },
    {
      do: "file",
      path: places.config,
      content: `${JSON.stringify(settings, null, 2)}\n`,
      mode: 0o644,
      keep: true,
    },
    { do: "folder", path: root, mode: 0o755 },
    ...(ownState === undefined ? [] : [{ do: "folder" as const, path: ownState, mode: 0o700 }]),
    { do: "file", path: places.unit, content: formatUnit({ start, folders, ownState }), mode: 0o644 },
    { do: "run", command: ["systemctl", "daemon-reload"], why: "systemd reads the unit" },
  ];
}

/** What starts the service, also one that runs an older agent. */
export function planStart(): Step[] {
  return [
    { do: "run", command: ["systemctl", "enable", SERVICE], why: "it starts with the host" },
    { do: "run", command: ["systemctl", "restart", SERVICE], why: "it starts now" },
  ];
}
