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
  world.pages.devices("", 1).catch(() => undefined); // opens a connection, so that the first page need not
  const sessions = createSessions();
  page ??= buildPage(); // while nobody waits for it
  page.catch(() => (page = undefined)); // told to whoever asks for the page
  const server = await startConsoleServer(port, {
    isOpen: sessions.isOpen,
    handlers: createHandlers(world, sessions, onFault),
    unguarded: UNGUARDED,
    pageFiles: () => (page ??= buildPage()),
    onFault,
  }).catch((error: unknown) => {
    world[Symbol.dispose]();
    throw error;
  });
  return {
    port: server.port,
    // Not by a name: what "localhost" leads to first may be somebody else's.
    link: () => `http://127.0.0.1:${server.port}/#${sessions.invite()}`,
    async close() {
      ending.abort();
      await server.close();
      world[Symbol.dispose]();
    },
  };
}
