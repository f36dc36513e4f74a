import * as v from "valibot";

export const SecretVersionSchema = v.object({
  id: v.string(),
  value: v.string(),
  /** Epoch milliseconds. */
  createdAt: v.number(),
  stages: v.array(v.string()),
});

/** One value that a secret has or had, and the staging labels that point to it. */
export type SecretVersion = v.InferOutput<typeof SecretVersionSchema>;

export const CURRENT = "AWSCURRENT";
const PREVIOUS = "AWSPREVIOUS";

/**
 * Adds a version. Its stages leave the versions that had them; where the current one is replaced it becomes the
 * previous one, and a version without a stage is gone.
 *
 * https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html#term_version
 */
export function addVersion(versions: readonly SecretVersion[], added: SecretVersion): SecretVersion[] {
  const replaced = versions.find(({ stages }) => stages.includes(CURRENT) && added.stages.includes(CURRENT));
  const moved = new Set(replaced === undefined ? added.stages : [...added.stages, PREVIOUS]);
  const kept = versions.map((version) => {
    const stages = version.stages.filter((stage) => !moved.has(stage));
    return { ...version, stages: version === replaced ? [...stages, PREVIOUS] : stages };
  });
  return [...kept.filter(({ stages }) => stages.length > 0), added];
}

export function findVersion(
  versions: readonly SecretVersion[],
  wanted: { id?: string | undefined; stage?: string | undefined },
): SecretVersion | undefined {
  const stage = wanted.stage ?? (wanted.id === undefined ? CURRENT : undefined);
  return versions.find(
    (version) =>
      (wanted.id === undefined || version.id === wanted.id) &&
      (stage === undefined || version.stages.includes(stage)),
  );
}
