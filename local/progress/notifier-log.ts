import * as v from "valibot";
import type { StackEvent } from "./stack-event.ts";

const Line = v.looseObject({
  message: v.string(),
  key: v.string(),
  device: v.optional(v.string(), ""),
  devices: v.optional(v.number(), 0),
  size: v.optional(v.number(), 0),
  payload: v.optional(v.number()),
  reason: v.optional(v.string(), ""),
  detail: v.optional(v.string(), ""),
  seconds: v.optional(v.number()),
});

const ManifestLine = v.object({
  message: v.literal("manifest-announced"),
  fleet: v.string(),
  serial: v.number(),
  files: v.number(),
  size: v.number(),
  step: v.optional(v.number()),
});

type Line = v.InferOutput<typeof Line>;

/** Log messages of the notifier that tell of trouble or of a decision, and what a person is told of them. */
const NOTICES: Readonly<Record<string, (line: Line) => { what: string; detail: string }>> = {
  refused: ({ reason, detail }) => ({ what: "refused", detail: detail || reason }),
  superseded: ({ reason }) => ({ what: "superseded", detail: reason }),
  "no-target": () => ({
    what: "ignored",
    detail: "it names nobody, and there is no default target: write devices/<UID>/… or fleets/<UID>/…",
  }),
  ignored: ({ reason }) =>
    reason === "folder"
      ? { what: "ignored", detail: "a folder marker, no file" }
      : { what: "deleted", detail: "in the bucket; devices keep their copy" },
  gone: () => ({ what: "deleted", detail: "in the bucket; the device was told, and keeps its copy" }),
  retrying: ({ reason, detail, seconds }) => ({
    what: "retrying",
    detail: `${detail || reason}${seconds === undefined ? "" : `; again in ${seconds} s`}`,
  }),
  "dead-lettered": ({ reason }) => ({
    what: "given up",
    detail: `${reason}; it is among the dead letters: npm run noteferry -- redrive --local`,
  }),
};

/** Reads one line of the notifier's log; undefined if it says nothing of a file's way. */
export function readNotifierLog(line: string): StackEvent | undefined {
  const json = parseJson(line);
  const manifest = v.safeParse(ManifestLine, json);
  if (manifest.success) {
    const { fleet: key, serial, files, size: bytes, step: stepBytes } = manifest.output;
    return { step: "manifest", key, serial, files, bytes, stepBytes };
  }
  const parsed = v.safeParse(Line, json);
  if (!parsed.success) return undefined;
  const { message, key, device, devices, size, payload } = parsed.output;
  if (message === "announced") return { step: "announced", key, device, bytes: size, payload };
  if (message === "fanned-out") return { step: "fanned-out", key, devices };
  const told = Object.hasOwn(NOTICES, message) ? NOTICES[message]?.(parsed.output) : undefined;
  if (told === undefined) return undefined;
  return { step: "notice", key, ...(device !== "" && { device }), ...told, ends: false };
}

export function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined; // not every line of a log is ours
  }
}
