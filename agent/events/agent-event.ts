import type { DeliveryEvent } from "./delivery-event.ts";

/** Everything that `run` tells. */
export type AgentEvent =
  | DeliveryEvent
  /** The link is there, and the agent hears of announcements; told again after each new connection. */
  | { event: "ready"; link: string; root: string }
  /** There is no link: told once for each kind of reason, until the next `ready`. */
  | { event: "waiting"; reason: string }
  /** The disk does not give what is known of a fleet's manifest: it is heard anew. */
  | { event: "record-unreadable"; file: string; detail: string }
  /** The link never took a report, though it took others: nobody hears of it. `about` is the key, or the fleet of a manifest. [NF-9.6] */
  | { event: "report-given-up"; state: string; about: string | undefined }
  | AttnEnded
  | JobRefused;

/**
 * The command that tells of the ATTN pin ended, or never began: the Notecard is asked instead until it runs again. Told once,
 * until it has run for a while.
 */
export type AttnEnded = { event: "attn-ended"; reason: string };

/** AWS IoT does not take what the agent says of a job, which is said again. Told once for each job, which is named by its id and its execution's number. [NF-13.8] */
export type JobRefused = { event: "job-refused"; job: string; status: string; detail: string };
