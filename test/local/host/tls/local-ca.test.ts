import "reflect-metadata"; // @peculiar/x509 needs it before its own import
import { webcrypto, X509Certificate } from "node:crypto";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import https from "node:https";
import { tmpdir } from "node:os";
import path from "node:path";
import * as x509 from "@peculiar/x509";
import { afterEach, expect, test } from "vitest";
import { loadLocalTls } from "../../../../local/host/tls/local-ca.ts";

const dirs: string[] = [];
afterEach(async () => {
  for (const dir of dirs.splice(0)) await rm(dir, { recursive: true });
});

async function newDir(): Promise<string> {
  const dir = await mkdtemp(path.join(tmpdir(), "noteferry-tls-"));
  dirs.push(dir);
  return path.join(dir, "tls");
}

function get(port: number, ca: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    https
      .get({ host: "localhost", port, ca, agent: false }, (response) => {
        response.resume();
        response.on("end", () => resolve(response.statusCode));
      })
      .on("error", reject);
  });
}

test("a client that trusts the CA, and only such a client, reaches a server on localhost", async () => {
  const tls = await loadLocalTls(await newDir());
  const stranger = await loadLocalTls(await newDir());
  const server = https.createServer(tls, (_, response) => response.end());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  try {
    expect(await get(port, tls.ca)).toBe(200);
    await expect(get(port, stranger.ca)).rejects.toThrow(/certificate/);
  } finally {
    server.close();
  }
});

test("the certificates are kept, and only their owner reads the key", async () => {
  const dir = await newDir();
  const first = await loadLocalTls(dir);
  expect(await loadLocalTls(dir)).toEqual(first);
  expect((await stat(path.join(dir, "key.pem"))).mode & 0o777).toBe(0o600);
});

test("the names below s3.localhost are covered, and a certificate from before it had them is replaced", async () => {
  const dir = await newDir();
  const certificate = new X509Certificate((await loadLocalTls(dir)).cert);
  for (const name of ["localhost", "s3.localhost", "files.s3.localhost"]) {
    expect(certificate.checkHost(name)).toBeDefined();
  }
  const old = await certificateFor("localhost", "*.localhost");
  await writeFile(path.join(dir, "cert.pem"), old);
  expect((await loadLocalTls(dir)).cert).not.toBe(old);
});

async function certificateFor(...names: string[]): Promise<string> {
  x509.cryptoProvider.set(webcrypto);
  const signingAlgorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: "CN=localhost",
    notAfter: new Date(Date.now() + 300 * 86_400_000),
    keys: await webcrypto.subtle.generateKey(signingAlgorithm, true, ["sign", "verify"]),
    signingAlgorithm,
    extensions: [new x509.SubjectAlternativeNameExtension(names.map((value) => ({ type: "dns", value })))],
  });
  return certificate.toString("pem");
}
