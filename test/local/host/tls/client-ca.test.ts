import { X509Certificate } from "node:crypto";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { loadClientCa, loadClientFiles } from "../../../../local/host/tls/client-ca.ts";

async function newDir(): Promise<string> {
  const dir = await mkdtemp(path.join(tmpdir(), "noteferry-client-ca-"));
  onTestFinished(() => rm(dir, { recursive: true }));
  return dir;
}

test("a CA and a client's files are made once, and only their owner reads them", async () => {
  const dir = await newDir();
  const ca = await loadClientCa(path.join(dir, "ca"));
  const files = await loadClientFiles(ca, path.join(dir, "pump"), "pump");
  const before = await readFile(files.certFile, "utf8");
  const again = await loadClientCa(path.join(dir, "ca"));
  expect(again.certificate).toBe(ca.certificate);
  expect(await loadClientFiles(again, path.join(dir, "pump"), "pump")).toEqual(files);
  expect(await readFile(files.certFile, "utf8")).toBe(before);
  const certificate = new X509Certificate(before);
  expect(certificate.subject).toBe("CN=pump");
  expect(certificate.verify(new X509Certificate(ca.certificate).publicKey)).toBe(true);
  for (const file of [path.join(dir, "ca/ca-key.pem"), files.keyFile, files.certFile]) {
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  }
});

test("what does not belong together, as after a crash between two files, is made anew", async () => {
  const dir = await newDir();
  const ca = await loadClientCa(path.join(dir, "ca"));
  const { keyFile, certFile } = await loadClientFiles(ca, dir, "pump");
  await writeFile(keyFile, (await ca.issue("pump")).key);
  const before = await readFile(certFile, "utf8");
  await loadClientFiles(ca, dir, "pump");
  const certificate = await readFile(certFile, "utf8");
  expect(certificate).not.toBe(before);

  await writeFile(path.join(dir, "ca/ca-key.pem"), await readFile(keyFile));
  const other = await loadClientCa(path.join(dir, "ca"));
  expect(other.certificate).not.toBe(ca.certificate);
  await loadClientFiles(other, dir, "pump");
  expect(await readFile(certFile, "utf8")).not.toBe(certificate); // it was the old CA's
});
