import { once } from "node:events";
import { request } from "node:https";
import { text } from "node:stream/consumers";
import type { Template } from "../local/template/cloud-assembly.ts";
import type { BenchStack } from "./bench-stack.ts";

/** Makes a fleet of the stack's first devices, besides those that they are in. @returns its UID. */
export async function createBenchFleet(bench: BenchStack, devices: number): Promise<string> {
  const { projectUid } = bench.endpoints.notehub;
  const project = `/v1/projects/${encodeURIComponent(projectUid)}`;
  const { uid } = await call(bench, "POST", `${project}/fleets`, { label: `of ${devices}` });
  if (typeof uid !== "string") throw new Error("Notehub made no fleet");
  for (const { deviceUid } of bench.endpoints.devices.slice(0, devices)) {
    const path = `${project}/devices/${encodeURIComponent(deviceUid)}/fleets`;
    await call(bench, "PUT", path, { fleet_uids: [uid] });
  }
  return uid;
}

/** How a template's notifier tells fleets. No update waits for the limit of calls, which is reckoned with by itself. */
export function announceFleetsBy(template: Template, way: "notes" | "variable"): void {
  const properties = template.Resources.FileNotifierFunction?.Properties;
  const variables = Object(properties?.Environment).Variables;
  if (typeof Object(variables).FLEET_ANNOUNCEMENTS !== "string") {
    throw new Error("the template's notifier has no variable FLEET_ANNOUNCEMENTS");
  }
  variables.FLEET_ANNOUNCEMENTS = way;
  variables.NOTEHUB_CALLS_PER_MINUTE = "10000";
}

async function call(
  { endpoints, httpsAgent: agent }: BenchStack,
  method: string,
  path: string,
  body: object,
): Promise<Record<string, unknown>> {
  const { url, token } = endpoints.notehub;
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const outgoing = request(new URL(path, url), { method, headers, agent });
  outgoing.end(JSON.stringify(body));
  const [response] = await once(outgoing, "response");
  const reply = await text(response);
  if (response.statusCode >= 300) throw new Error(`${method} ${path}: ${response.statusCode} ${reply}`);
  return Object(JSON.parse(reply || "{}"));
}
