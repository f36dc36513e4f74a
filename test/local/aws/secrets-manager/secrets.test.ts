import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import {
  GetSecretValueCommand,
  PutSecretValueCommand,
  ResourceExistsException,
  ResourceNotFoundException,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { describe, expect, onTestFinished, test } from "vitest";
import { secretsManagerOperations } from "../../../../local/aws/secrets-manager/operations.ts";
import {
  openSecrets,
  type SecretSettings,
  UnknownSecret,
} from "../../../../local/aws/secrets-manager/secrets.ts";
import { localEndpoint } from "../aws-json/support/local-endpoint.ts";

const ARN = "arn:aws:secretsmanager:us-east-1:000000000000:secret:tokens";
const SECRETS: SecretSettings[] = [
  {
    arn: ARN,
    name: "tokens",
    initial: { generate: { SecretStringTemplate: '{"previous":""}', GenerateStringKey: "current" } },
  },
  { arn: `${ARN}-plain`, name: "plain", initial: "as given" },
];

async function secretFile(): Promise<string> {
  const dir = await mkdtemp(path.join(tmpdir(), "noteferry-secrets-"));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  return path.join(dir, "secrets.json");
}

test("secrets are made once and kept over restarts, in a file that only its owner reads", async () => {
  const file = await secretFile();
  const first = await openSecrets({ file, secrets: SECRETS });
  const made = first.get(ARN);
  expect(JSON.parse(made)).toEqual({ previous: "", current: expect.any(String) });
  expect(first.get("plain")).toBe("as given");
  expect((await stat(file)).mode & 0o777).toBe(0o600);

  const changed = SECRETS.map((secret) => ({ ...secret, initial: "another" }));
  const second = await openSecrets({ file, secrets: changed });
  expect(second.get("tokens")).toBe(made);
  expect(second.get("plain")).toBe("as given");
});

test("a secret that the template gained is made beside the others", async () => {
  const file = await secretFile();
  const made = (await openSecrets({ file, secrets: SECRETS.slice(0, 1) })).get(ARN);
  const more = await openSecrets({ file, secrets: SECRETS });
  expect([more.get(ARN), more.get("plain")]).toEqual([made, "as given"]);
});

test("a file that cannot be read is neither replaced nor quoted", async () => {
  const file = await secretFile();
  await writeFile(file, '{"secret-value');
  const error = await openSecrets({ file, secrets: SECRETS }).catch((thrown) => thrown);
  expect(error.message).toContain(file);
  expect(error.message).not.toContain("secret-value");
  expect(await readFile(file, "utf8")).toBe('{"secret-value');
});

test("puts at the same time are all kept", async () => {
  const file = await secretFile();
  const secrets = await openSecrets({ file, secrets: SECRETS });
  // A long one takes longer to write than the short one after it.
  const long = secrets.put("tokens", "t".repeat(20_000_000));
  await new Promise((resolve) => setImmediate(resolve));
  await Promise.all([
    long,
    secrets.put("plain", "p1"),
    secrets.put("tokens", "t2"),
    secrets.put("tokens", "t3"),
  ]);
  const after = await openSecrets({ file, secrets: SECRETS });
  expect([after.get("tokens"), after.get("plain")]).toEqual(["t3", "p1"]);
});

test("a name that is not known is an error", async () => {
  const secrets = await openSecrets({ file: await secretFile(), secrets: SECRETS });
  expect(() => secrets.get("other")).toThrow(UnknownSecret);
  expect(() => secrets.get("__proto__")).toThrow(UnknownSecret);
});

describe("with the SDK", () => {
  async function connect() {
    const file = await secretFile();
    const secrets = await openSecrets({ file, secrets: SECRETS });
    const { clientConfig } = await localEndpoint(secretsManagerOperations(secrets));
    const client = new SecretsManagerClient(clientConfig);
    onTestFinished(() => client.destroy());
    const get = (input: { SecretId: string; VersionStage?: string; VersionId?: string }) =>
      client.send(new GetSecretValueCommand(input));
    const put = (
      SecretString: string,
      input: { ClientRequestToken?: string; VersionStages?: string[] } = {},
    ) => client.send(new PutSecretValueCommand({ SecretId: ARN, SecretString, ...input }));
    return { file, secrets, get, put };
  }

  test("a value is read by ARN and by name", async () => {
    const { secrets, get } = await connect();
    for (const SecretId of [ARN, "tokens"]) {
      expect(await get({ SecretId })).toMatchObject({
        ARN,
        Name: "tokens",
        SecretString: secrets.get(ARN),
        VersionStages: ["AWSCURRENT"],
        VersionId: expect.any(String),
        CreatedDate: expect.any(Date),
      });
    }
  });

  test("a value that is put is current, the one before is previous, and both outlive a restart", async () => {
    const { file, secrets, get, put } = await connect();
    const before = secrets.get(ARN);
    const { VersionId = "" } = await put("new");
    expect(await get({ SecretId: ARN })).toMatchObject({ SecretString: "new", VersionId });
    expect((await get({ SecretId: ARN, VersionStage: "AWSPREVIOUS" })).SecretString).toBe(before);
    await put("newer");
    expect((await get({ SecretId: ARN, VersionStage: "AWSPREVIOUS" })).SecretString).toBe("new");
    expect((await get({ SecretId: ARN, VersionId })).SecretString).toBe("new");
    expect((await openSecrets({ file, secrets: SECRETS })).get(ARN)).toBe("newer");
  });

  test("a version under another stage waits until it is made current", async () => {
    const { secrets, get, put } = await connect();
    const before = secrets.get(ARN);
    await put("pending", { VersionStages: ["AWSPENDING"] });
    expect((await get({ SecretId: ARN })).SecretString).toBe(before);
    expect((await get({ SecretId: ARN, VersionStage: "AWSPENDING" })).SecretString).toBe("pending");
  });

  test("a put repeated with its token is one version; with another value it is refused", async () => {
    const { secrets, put } = await connect();
    const ClientRequestToken = "0123456789abcdef0123456789abcdef";
    const first = await put("value", { ClientRequestToken });
    expect((await put("value", { ClientRequestToken })).VersionId).toBe(first.VersionId);
    expect(secrets.versions(ARN).map(({ stages }) => stages)).toEqual([["AWSPREVIOUS"], ["AWSCURRENT"]]);
    expect(secrets.versions(ARN)[0]?.value).not.toBe("value");
    await expect(put("other", { ClientRequestToken })).rejects.toThrow(ResourceExistsException);
  });

  test.each([
    ["secret", { SecretId: "other" }],
    ["stage", { SecretId: ARN, VersionStage: "AWSPREVIOUS" }],
    ["version", { SecretId: ARN, VersionId: "0123456789abcdef0123456789abcdef" }],
  ])("a %s that is not there is the error that the SDK knows", async (_, input) => {
    const { get } = await connect();
    await expect(get(input)).rejects.toThrow(ResourceNotFoundException);
  });
});
