import * as v from "valibot";
import type { IotAccount } from "../arns.ts";
import { IotError } from "../iot-error.ts";
import type { JobEngine } from "../jobs/engine.ts";
import type { Registry } from "../registry/registry.ts";
import type { Settings } from "../settings.ts";

/** What the operations act on. */
export type IotServices = {
  account: IotAccount;
  registry: Registry;
  engine: JobEngine;
  settings: Settings;
  /** Host and port of the broker, and of the HTTPS services. */
  endpoints: { data: string; api: string };
};

/** A request that was let in as far as its signature. */
export type Call = {
  services: IotServices;
  /** What the path names, decoded. */
  params: Readonly<Record<string, string>>;
  query: URLSearchParams;
  /** Undefined for a request without one. */
  body: unknown;
};

export type Operation = {
  /** What a policy calls it. */
  action: string;
  /** ARNs that a policy decides about; each must be allowed. */
  resources(call: Call): string[];
  /** @throws {IotError} */
  run(call: Call): unknown;
};

export function param(call: Call, name: string): string {
  return call.params[name] ?? "";
}

/** @throws {IotError} that names what is missing, wrong or not done here. */
export function bodyOf<const Schema extends v.GenericSchema>(
  call: Call,
  schema: Schema,
): v.InferOutput<Schema> {
  const parsed = v.safeParse(schema, call.body ?? {});
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw new IotError("InvalidRequest", `${v.getDotPath(issue) ?? "the body"}: ${issue.message}`);
}

export function flag(call: Call, name: string): boolean {
  return call.query.get(name) === "true";
}

/** @throws {IotError} */
export function wholeNumber(call: Call, name: string): number | undefined {
  const text = call.query.get(name);
  if (text === null) return undefined;
  if (!/^\d{1,15}$/.test(text)) throw new IotError("InvalidRequest", `${name} is no number`);
  return Number(text);
}

const MOST_RESULTS = 250;

/** A page of a list, and the token of the next. @throws {IotError} */
export function page<T>(call: Call, items: readonly T[]): { items: T[]; nextToken: string | undefined } {
  const limit = wholeNumber(call, "maxResults") ?? MOST_RESULTS;
  const from = wholeNumber(call, "nextToken") ?? 0;
  if (limit < 1 || limit > MOST_RESULTS)
    throw new IotError("InvalidRequest", `maxResults is 1 to ${MOST_RESULTS}`);
  const end = from + limit;
  return { items: items.slice(from, end), nextToken: end < items.length ? String(end) : undefined };
}
