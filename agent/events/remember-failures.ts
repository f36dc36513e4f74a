import type { LastFailures } from "../state/last-failures.ts";
import type { AgentEvent } from "./agent-event.ts";

/** Keeps what events say of failures, until another one says that all is well. A disk that is full does not take it. */
export function rememberFailure(failures: LastFailures, event: AgentEvent): void {
  void remember(failures, event).catch(() => undefined);
}

async function remember(failures: LastFailures, event: AgentEvent): Promise<void> {
  switch (event.event) {
    case "failed":
    case "refused": {
      if (event.name === "") return; // a Note that names nothing
      const { event: state, name, reason, detail } = event;
      const now = Date.now();
      const seconds = event.event === "failed" ? event.retrySeconds : undefined;
      const again = seconds === undefined ? {} : { retryAt: new Date(now + seconds * 1000).toISOString() };
      return failures.set(name, { state, reason, detail, failedAt: new Date(now).toISOString(), ...again });
    }
    case "restored": {
      const last = failures.get(event.name);
      if (last?.reason === "run-not-restored") await failures.set(event.name, { ...last, reason: "run" });
      return;
    }
    case "installed":
    case "unchanged":
    case "removed":
    case "discarded":
    case "gone":
      return failures.delete(event.name);
  }
}
