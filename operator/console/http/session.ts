import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

/**
 * Who may ask the console. A link's token opens it once, for what a link leaves behind in terminals and histories is then of no use; what
 * it is exchanged for stays in the browser, and goes with each request in a header: a cookie would go to every port of this machine.
 */
export type Sessions = {
  /** A token for one more link. */
  invite(): string;
  /** @returns the session's token; undefined for an invitation that was used, or never given */
  open(invitation: string): string | undefined;
  isOpen(token: string): boolean;
};

const TOKEN_BYTES = 24;

export function createSessions(): Sessions {
  const invitations = new Set<string>();
  const opened: Buffer[] = [];
  const newToken = () => randomBytes(TOKEN_BYTES).toString("base64url");
  return {
    invite() {
      const token = newToken();
      invitations.add(digest(token).toString("hex"));
      return token;
    },
    open(invitation) {
      if (!invitations.delete(digest(invitation).toString("hex"))) return undefined;
      const token = newToken();
      opened.push(digest(token));
      return token;
    },
    isOpen(token) {
      const given = digest(token);
      return opened.some((each) => timingSafeEqual(each, given));
    },
  };
}

/** Digests have one length, and the time that a comparison takes tells nothing of what was given. */
function digest(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}
