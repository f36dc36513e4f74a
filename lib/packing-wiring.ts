import type { FileNotifierEnv } from "../functions/file-notifier/env.ts";
import type { Settings } from "./settings.ts";
import type { Wiring } from "./wiring.ts";

export type PackingWiring = Pick<
  Wiring<FileNotifierEnv>,
  "PATCH_MAX_BYTES" | "ZSTD_MAX_BYTES" | "PACK_SECONDS"
>;

/** How the notifier packs contents; nothing with packing switched off. Manifests are packed all the same. */
export function wirePacking(settings: Settings): PackingWiring {
  const value = (number: number) => (settings.packing === "on" ? String(number) : undefined);
  return {
    PATCH_MAX_BYTES: { value: value(settings.patchMaxBytes) },
    ZSTD_MAX_BYTES: { value: value(settings.zstdMaxBytes) },
    PACK_SECONDS: { value: value(settings.packSeconds) },
  };
}
