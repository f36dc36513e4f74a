import { TLSSocket } from "node:tls";
import type { ConnectionIdentity } from "../policy/device-policy.ts";
import type { Registry } from "../registry/registry.ts";

/**
 * Who is at the other end. The TLS server has let in only certificates of the devices' CA that are valid now; here it is looked up whose
 * one is.
 *
 * @returns undefined for a certificate that belongs to no thing.
 */
export function identify(
  connection: unknown,
  clientId: string,
  registry: Registry,
): ConnectionIdentity | undefined {
  if (!(connection instanceof TLSSocket) || !connection.authorized) return undefined;
  const owner = connection.getPeerCertificate().subject?.CN;
  if (typeof owner !== "string" || !registry.hasThing(owner)) return undefined;
  const thing = registry.hasThing(clientId) ? clientId : undefined;
  return { clientId, thing, attached: thing === owner };
}
