/** The token secret says that no token counts any more: it is gone, closed to us, or holds none. A fault of the store is no such word. */
export class TokensRevoked extends Error {
  override name = "TokensRevoked" as const;
}
