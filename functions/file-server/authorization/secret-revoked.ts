/** The store says that nothing counts any more: the secret is gone, closed to us, or holds none. A fault of the store is no such word. */
export class SecretRevoked extends Error {
  override name = "SecretRevoked" as const;
}
