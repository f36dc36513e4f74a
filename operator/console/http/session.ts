import { createHash, randomBytes } from "node:crypto";

/**
 * Who may ask the console. A link's token opens it once, for what a link leaves behind in terminals and histories is then of no use; what
 * it is exchanged for stays in the browser, and goes with each request in a header: a cookie would go to every port of this machine.
 */
export type Sessions = {
  /** A token for one more link. */
  invite(): string;
  /** @returns a session's token; undefined for an invitation that was used, or never given */
  open(invitation: string): string | undefined;
  /** Whether a token is that of a session. The first that is used of an invitation ends the others, and the invitation. */
  isOpen(token: string): boolean;
};

const TOKEN_BYTES = 24;

export function createSessions(): Sessions {
  /** What was given for each invitation, and is not used yet: an answer may be lost, as by a reload, and the link should not be with it. */
  const pending = new Map<string, Set<string>>();
  const opened = new Set<string>();
  const newToken = () => randomBytes(TOKEN_BYTES).toString("base64url");
  return {
    invite() {
      const invitation = newToken();
      pending.set(digest(invitation), new Set());
      return invitation;
    },
    open(invitation) {
      const given = pending.get(digest(invitation));
      if (given === undefined) return undefined;
      const token = newToken();
      given.add(digest(token));
      return token;
    },
    isOpen(token) {
      const session = digest(token);
      if (opened.has(session)) return true;
      for (const [invitation, given] of pending) {
        if (!given.has(session)) continue;
        pending.delete(invitation);
        opened.add(session);
        return true;
      }
      return false;
    },
  };
}

/** What is looked up and compared is a digest: the time that takes tells nothing of a token. */
function digest(token: string): string {
  return createHash("sha256").update(token).digest("base64url");
}
