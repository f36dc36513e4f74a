import type { Problem } from "../api.ts";

/** Where the browser keeps what its link was exchanged for: of this address and port alone, and for its other tabs too. */
const KEPT = "noteferry-session";

/** What the server refused, as a sentence for a person. */
export class Refused extends Error {
  readonly status: number;

  constructor(status: number, sentence: string) {
    super(sentence);
    this.status = status;
  }
}

/** Exchanges the link's token, and takes it out of the address bar. @returns whether the console knows this browser. */
export async function openSession(): Promise<boolean> {
  const invitation = location.hash.slice(1);
  if (invitation !== "") {
    const reply = await fetch("/api/session", { method: "POST", body: JSON.stringify({ invitation }) });
    if (reply.ok) {
      const { session }: { session: string } = await reply.json();
      localStorage.setItem(KEPT, session);
    }
    history.replaceState(null, "", location.pathname + location.search); // until then a reload tries again
  }
  return localStorage.getItem(KEPT) !== null; // a link that is opened twice in one browser opens it twice
}

export function authorization(): string {
  return `Bearer ${localStorage.getItem(KEPT) ?? ""}`;
}

/** Asks the server. @throws {Refused} */
export async function ask(path: string, init: RequestInit = {}): Promise<Response> {
  const reply = await fetch(path, { ...init, headers: { authorization: authorization() } }).catch(
    (error: unknown) => {
      if (init.signal?.aborted === true) throw error;
      throw new Refused(0, "the console does not answer");
    },
  );
  if (reply.ok) return reply;
  throw new Refused(reply.status, await sentenceOf(reply));
}

export async function askJson<T>(path: string, init?: RequestInit): Promise<T> {
  return (await ask(path, init)).json();
}

export async function post<T>(path: string, body: unknown): Promise<T> {
  return askJson(path, { method: "POST", body: JSON.stringify(body) });
}

async function sentenceOf(reply: Response): Promise<string> {
  const { problem }: Partial<Problem> = await reply.json().catch(() => ({}));
  return problem ?? `the console answered ${reply.status}`;
}

/** Lines of JSON as they come. */
export async function* linesOf<T>(reply: Response): AsyncGenerator<T> {
  if (reply.body === null) return;
  const reader = reply.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const lines = (rest + value).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) yield JSON.parse(line);
  }
}
