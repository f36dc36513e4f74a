import { randomUUID } from "node:crypto";
import { type GenerateSecretString, generateSecretString } from "./generate-secret-string.ts";
import { readSecretFile, writeSecretFile } from "./secret-file.ts";
import { addVersion, CURRENT, findVersion, type SecretVersion } from "./secret-versions.ts";

/** A secret of the template. */
export type SecretSettings = {
  arn: string;
  name: string;
  /** Absent: the secret has no value until somebody puts one. */
  initial?: string | { generate: GenerateSecretString };
};

export class UnknownSecret extends Error {
  override name = "UnknownSecret" as const;
}

/** A version with this id has another value. */
export class VersionExists extends Error {
  override name = "VersionExists" as const;
}

export type Secrets = {
  /** The current value. @throws {UnknownSecret} */
  get(arnOrName: string): string;
  /** @throws {UnknownSecret} */
  find(arnOrName: string): SecretSettings;
  versions(arnOrName: string): readonly SecretVersion[];
  /** Adds a version, by default the current one. Resolves when it is kept. @throws {UnknownSecret | VersionExists} */
  put(
    arnOrName: string,
    value: string,
    version?: { id?: string | undefined; stages?: string[] | undefined },
  ): Promise<SecretVersion>;
};

/**
 * Opens the secrets in `file`, which only its owner can read. A secret that the file lacks is made once and keeps its
 * value over restarts, whatever the template says later, as with CloudFormation.
 *
 * @throws {GenerateError}
 */
export async function openSecrets(options: {
  file: string;
  secrets: readonly SecretSettings[];
}): Promise<Secrets> {
  const stored = new Map(Object.entries(await readSecretFile(options.file)));
  let saved: Promise<void> = Promise.resolve();
  const save = () => {
    saved = saved.catch(() => {}).then(() => writeSecretFile(options.file, Object.fromEntries(stored)));
    return saved;
  };
  const missing = options.secrets.filter(({ arn }) => !stored.has(arn));
  for (const { arn, initial } of missing) {
    if (initial === undefined) continue;
    const value = typeof initial === "string" ? initial : generateSecretString(initial.generate);
    stored.set(arn, [{ id: randomUUID(), value, createdAt: Date.now(), stages: [CURRENT] }]);
  }
  if (missing.length > 0) await save();

  function find(arnOrName: string): SecretSettings {
    const found = options.secrets.find(({ arn, name }) => arn === arnOrName || name === arnOrName);
    if (found === undefined) throw new UnknownSecret(`there is no secret ${arnOrName}`);
    return found;
  }
  const versions = (arnOrName: string) => stored.get(find(arnOrName).arn) ?? [];

  return {
    find,
    versions,
    get: (arnOrName) => findVersion(versions(arnOrName), {})?.value ?? "",
    async put(arnOrName, value, { id = randomUUID(), stages = [CURRENT] } = {}) {
      const before = versions(arnOrName);
      const same = before.find((version) => version.id === id);
      if (same !== undefined && same.value !== value) {
        throw new VersionExists(`a version ${id} has another value`);
      }
      if (same !== undefined) return same;
      const added = { id, value, createdAt: Date.now(), stages };
      stored.set(find(arnOrName).arn, addVersion(before, added));
      await save();
      return added;
    },
  };
}
