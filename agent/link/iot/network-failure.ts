/** What broke a connection. `clock`: this host's is wrong. `identity`: what answers is not who was asked for. `refused`: it refuses us. */
export type NetworkTrouble = { kind: "network" | "clock" | "identity" | "refused"; sentence: string };

const NETWORK: Readonly<Record<string, string>> = {
  ENOTFOUND: "its name is not known: is the endpoint right, and does DNS work?",
  EAI_AGAIN: "its name cannot be looked up: is there a network, and does DNS work?",
  ECONNREFUSED: "nothing listens there",
  ECONNRESET: "the connection was cut",
  EPIPE: "the connection was cut",
  ETIMEDOUT: "it does not answer",
  EHOSTUNREACH: "there is no way to it",
  ENETUNREACH: "there is no network",
};

/** Codes by which OpenSSL says that a certificate's CA is none that we trust. */
const UNTRUSTED: ReadonlySet<string> = new Set([
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "CERT_UNTRUSTED",
  "CERT_SIGNATURE_FAILURE",
]);

/**
 * Says in plain words why there is no connection, or none any more.
 *
 * @param host that was to be reached
 * @param now milliseconds since the epoch, by this host
 */
export function troubleOf(error: unknown, host: string, now = Date.now()): NetworkTrouble {
  const code = codeOf(error);
  const clock = `this device's clock says ${new Date(now).toISOString()}`;
  if (code === "CERT_NOT_YET_VALID")
    return {
      kind: "clock",
      sentence: `the certificate of ${host} is not yet valid, since ${clock}: set it, by NTP for instance`,
    };
  if (code === "CERT_HAS_EXPIRED")
    return {
      kind: "clock",
      sentence: `the certificate of ${host} has expired; ${clock}: if that is wrong, set it`,
    };
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID")
    return {
      kind: "identity",
      sentence: `what answers as ${host} has a certificate of another name: is something in between, such as a sign-in page, or the name wrong?`,
    };
  if (UNTRUSTED.has(code))
    return {
      kind: "identity",
      sentence: `what answers as ${host} has a certificate of no CA that is trusted here: is the CA file right, or something in between?`,
    };
  if (/ALERT/.test(code))
    return {
      kind: "refused",
      sentence: `${host} refuses the handshake (${code}): is the certificate registered and active, and not expired?`,
    };
  if (/^ERR_(?:SSL|TLS|OSSL)/.test(code))
    return {
      kind: "identity",
      sentence: `what answers as ${host} does not speak TLS as it should (${code})`,
    };
  const known = NETWORK[code];
  return {
    kind: "network",
    sentence: `there is no connection to ${host}: ${known ?? (code || "the connection ended")}`,
  };
}

/** Of what Node tried by several addresses, the last one's. */
function codeOf(error: unknown): string {
  const { code, errors } = Object(error);
  if (typeof code === "string" && code !== "") return code;
  return Array.isArray(errors) && errors.length > 0 ? codeOf(errors.at(-1)) : "";
}
