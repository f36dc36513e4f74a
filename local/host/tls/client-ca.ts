import { createPrivateKey, X509Certificate } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import path from "node:path";
import { writePrivateFile } from "../disk/private-file.ts";
import {
  type CertificateAuthority,
  DAY_MS,
  exportKey,
  importKey,
  issueCertificate,
  makeAuthority,
} from "./certificates.ts";

/** Years of AWS's own device certificates would be too long for a folder that is thrown away. */
const CA_DAYS = 3650;
const CERTIFICATE_DAYS = 397;

/**
 * The CA of clients' certificates. It is another than the servers', since its key is kept, to issue more: nobody trusts it but the server
 * that asks for them.
 */
export type ClientCa = {
  /** PEM. */
  certificate: string;
  /** A new certificate with this common name, and its key: PEM. */
  issue(
    commonName: string,
    validity?: { notBefore: Date; notAfter: Date },
  ): Promise<{ cert: string; key: string }>;
};

/** Loads the CA in `dir`, or makes it; only its owner reads what is there. */
export async function loadClientCa(dir: string): Promise<ClientCa> {
  const authority = await loadAuthority(path.join(dir, "ca.pem"), path.join(dir, "ca-key.pem"));
  return {
    certificate: authority.certificate,
    issue: (commonName, validity) =>
      issueCertificate(authority, {
        commonName,
        purpose: "client",
        ...(validity ?? { notAfter: new Date(Date.now() + CERTIFICATE_DAYS * DAY_MS) }),
      }),
  };
}

async function loadAuthority(certificateFile: string, keyFile: string): Promise<CertificateAuthority> {
  const certificate = await readIfThere(certificateFile);
  const key = await readIfThere(keyFile);
  if (certificate !== undefined && key !== undefined && isUsable(certificate, key)) {
    return { certificate: certificate.trimEnd(), privateKey: await importKey(key) };
  }
  const made = await makeAuthority("Noteferry local devices", CA_DAYS);
  await mkdir(path.dirname(keyFile), { recursive: true, mode: 0o700 });
  await writePrivateFile(keyFile, await exportKey(made.privateKey));
  await writePrivateFile(certificateFile, made.certificate);
  return made;
}

/** Files of a client: its certificate and its private key. */
export type ClientFiles = { certFile: string; keyFile: string };

/** The client's files in `dir`, made if they are not there, are of another CA or expire within a month. */
export async function loadClientFiles(ca: ClientCa, dir: string, commonName: string): Promise<ClientFiles> {
  const files = { certFile: path.join(dir, "cert.pem"), keyFile: path.join(dir, "key.pem") };
  const cert = await readIfThere(files.certFile);
  const key = await readIfThere(files.keyFile);
  const issuer = new X509Certificate(ca.certificate).publicKey;
  const usable = cert !== undefined && key !== undefined && isUsable(cert, key);
  if (usable && new X509Certificate(cert).verify(issuer)) return files;
  const issued = await ca.issue(commonName);
  await mkdir(dir, { recursive: true, mode: 0o700 });
  await writePrivateFile(files.keyFile, issued.key);
  await writePrivateFile(files.certFile, issued.cert);
  return files;
}

/** Lasts for a month, and is of this key: a run that died between the two files leaves one of each. */
function isUsable(certificate: string, key: string): boolean {
  const parsed = new X509Certificate(certificate);
  return (
    Date.parse(parsed.validTo) > Date.now() + 30 * DAY_MS && parsed.checkPrivateKey(createPrivateKey(key))
  );
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
