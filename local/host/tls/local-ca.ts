import { X509Certificate } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { DAY_MS, issueCertificate, makeAuthority } from "./certificates.ts";

/** A server certificate for localhost and the CA that signed it, all PEM. */
export type LocalTls = { ca: string; cert: string; key: string; caFile: string };

/** Clients take a wildcard only below two labels, so `*.localhost` is good for none of them. */
const NAMES = ["localhost", "*.localhost", "s3.localhost", "*.s3.localhost"];

/**
 * Loads the certificates in `dir`, or makes them. They are replaced a month before they expire, so a stack that is
 * started now and then never meets an expired one; and if they were made when we had fewer names.
 */
export async function loadLocalTls(dir: string): Promise<LocalTls> {
  const caFile = path.join(dir, "ca.pem");
  const read = (name: string) => readFile(path.join(dir, name), "utf8");
  try {
    const [ca, cert, key] = await Promise.all([read("ca.pem"), read("cert.pem"), read("key.pem")]);
    const certificate = new X509Certificate(cert);
    const lasts = Date.parse(certificate.validTo) > Date.now() + 30 * DAY_MS;
    if (lasts && NAMES.every((name) => hasName(certificate, name))) return { ca, cert, key, caFile };
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
  }
  const made = await makeLocalTls();
  await mkdir(dir, { recursive: true });
  await writeFile(path.join(dir, "key.pem"), made.key, { mode: 0o600, flush: true }); // a power cut leaves no empty file
  await writeFile(path.join(dir, "cert.pem"), made.cert, { flush: true });
  await writeFile(caFile, made.ca, { flush: true });
  return { ...made, caFile };
}

function hasName({ subjectAltName = "" }: X509Certificate, name: string): boolean {
  return subjectAltName.split(", ").includes(`DNS:${name}`);
}

/** The CA's private key is kept nowhere: a person may have a browser trust this CA. */
async function makeLocalTls(): Promise<Omit<LocalTls, "caFile">> {
  const authority = await makeAuthority("Noteferry local CA", 397);
  const server = await issueCertificate(authority, {
    commonName: "localhost",
    purpose: "server",
    notAfter: new Date(Date.now() + 396 * DAY_MS),
    names: [...NAMES.map((value) => ({ type: "dns" as const, value })), { type: "ip", value: "127.0.0.1" }],
  });
  return { ca: authority.certificate, ...server };
}
