import type { Deployment } from "../cloud/deployment.ts";
import { createHandlers, UNGUARDED } from "./handlers.ts";
import { startConsoleServer } from "./http/server.ts";
import { createSessions } from "./http/session.ts";
import { buildPage } from "./page-files.ts";
import { openWorld } from "./world.ts";

export type Console = {
  port: number;
  /** A link that opens the console once. The token is in its fragment, which goes to no server and into no log. */
  link(): string;
  close(): Promise<void>;
};

/** A question to the table takes some milliseconds; one that is never answered is not waited for. */
const MOST_AWAITED_MS = 2_000;

/** One bundle for each process, however many consoles it starts. */
let page: ReturnType<typeof buildPage> | undefined;

/**
 * Serves the console of a deployment on 127.0.0.1, with the credentials that are the deployment's.
 *
 * @param onFault told of what is nobody's to mend
 */
export async function startConsole(
  deployment: Deployment,
  port: number | { preferred: number },
  onFault: (error: unknown) => void,
): Promise<Console> {
  const ending = new AbortController();
  const world = openWorld(deployment, ending.signal);
  world.underWay.add(world.pages.devices("", 1)); // opens a connection, so that the first page need not
  const sessions = createSessions();
  page ??= buildPage(); // while nobody waits for it
  page.catch(() => (page = undefined)); // told to whoever asks for the page
  const server = await startConsoleServer(port, {
    isOpen: sessions.isOpen,
    handlers: createHandlers(world, sessions, onFault),
    unguarded: UNGUARDED,
    pageFiles: () => (page ??= buildPage()),
    onFault,
    underWay: world.underWay,
  }).catch((error: unknown) => {
    world[Symbol.dispose]();
    throw error;
  });
  return {
    port: server.port,
    // Not by a name: what "localhost" leads to first may be somebody else's.
    link: () => `http://127.0.0.1:${server.port}/#${sessions.invite()}`,
    async close() {
      await server.close();
      await world.underWay.ended(MOST_AWAITED_MS);
      ending.abort();
      world[Symbol.dispose]();
    },
  };
}
