import "reflect-metadata"; // @peculiar/x509 needs it before its own import
import { webcrypto, X509Certificate } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import * as x509 from "@peculiar/x509";

/** A server certificate for localhost and the CA that signed it, all PEM. */
export type LocalTls = { ca: string; cert: string; key: string; caFile: string };

const DAY_MS = 86_400_000;
const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

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

async function makeLocalTls(): Promise<Omit<LocalTls, "caFile">> {
  x509.cryptoProvider.set(webcrypto);
  const notBefore = new Date(Date.now() - DAY_MS);
  const caKeys = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: "CN=Noteferry local CA",
    notBefore,
    notAfter: new Date(Date.now() + 397 * DAY_MS),
    keys: caKeys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(caKeys.publicKey),
    ],
  });
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const cert = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: "CN=localhost",
    issuer: ca.subject,
    notBefore,
    notAfter: new Date(Date.now() + 396 * DAY_MS),
    signingKey: caKeys.privateKey,
    publicKey: keys.publicKey,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.SubjectAlternativeNameExtension([
        ...NAMES.map((value) => ({ type: "dns" as const, value })),
        { type: "ip", value: "127.0.0.1" },
      ]),
      new x509.ExtendedKeyUsageExtension(["1.3.6.1.5.5.7.3.1"]), // serverAuth
      await x509.AuthorityKeyIdentifierExtension.create(caKeys.publicKey),
    ],
  });
  const pkcs8 = await webcrypto.subtle.exportKey("pkcs8", keys.privateKey);
  return {
    ca: ca.toString("pem"),
    cert: cert.toString("pem"),
    key: x509.PemConverter.encode(pkcs8, "PRIVATE KEY"),
  };
}

/** Random, since clients remember a certificate by its issuer and serial number; positive, as RFC 5280 §4.1.2.2 asks. */
function serialNumber(): string {
  const bytes = Buffer.from(webcrypto.getRandomValues(new Uint8Array(16)));
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x01;
  return bytes.toString("hex");
}
