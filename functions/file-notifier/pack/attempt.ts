import type { Representations } from "../../../protocol/representation.ts";

/** One packing: of a content of a key, when its newest earlier content was `after`. SHA-256s in unpadded base64url. */
export type PackAttempt = { key: string; sha256: string; after: string | undefined };

/** What came of an attempt. */
export type Outcome = Representations;

export const NOTHING: Outcome = { patches: [] };
