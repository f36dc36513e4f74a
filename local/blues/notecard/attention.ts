/** What can make the ATTN pin fire: the modes of `card.attn`, and `timeout`. */
export type AttentionCause = "files" | "env" | "connected" | "signal" | "timeout";

/**
 * The ATTN pin and what fires it. An armed pin is LOW; it fires by going HIGH, and stays HIGH until it is armed again.
 * Events in between are still collected, since a host without a wire to the pin asks for them instead.
 */
export type Attention = {
  /** Adds modes to what is watched; `-all` and `-<mode>` remove them. */
  watch(modes: string[], files: string[] | undefined): void;
  /** Forgets what has happened, and pulls the pin LOW. */
  arm(seconds: number): void;
  /** Arms the pin if it is HIGH; otherwise only restarts the timer. */
  rearm(seconds: number): void;
  /** Lets the pin go HIGH. */
  disarm(): void;
  /** Turns all of it on or off. */
  enable(on: boolean): void;
  notify(cause: Exclude<AttentionCause, "timeout" | "files">): void;
  notifyFiles(notefiles: string[]): void;
  /** Members of a reply to `card.attn`: empty ones are absent. */
  read(): { files?: string[]; set?: true; off?: true };
  watchedFiles(): string[];
  stop(): void;
};

/** @param fired told when the pin goes HIGH by itself */
export function createAttention(fired: () => void): Attention {
  let modes = new Set<string>();
  let watched = new Set<string>();
  const happened = new Set<string>();
  let armed = false;
  let enabled = true;
  let timer: NodeJS.Timeout | undefined;

  const fire = (...events: string[]) => {
    for (const event of events) happened.add(event);
    clearTimeout(timer);
    if (!armed) return;
    armed = false;
    fired();
  };
  const startTimer = (seconds: number) => {
    clearTimeout(timer);
    if (seconds > 0) timer = setTimeout(() => fire("timeout"), seconds * 1000).unref();
  };
  const attention: Attention = {
    watch(changes, files) {
      if (files !== undefined) watched = new Set(files);
      for (const change of changes) {
        if (change === "-all") modes = new Set();
        else if (change.startsWith("-")) modes.delete(change.slice(1));
        else modes.add(change);
      }
    },
    arm(seconds) {
      happened.clear();
      armed = true;
      startTimer(seconds);
    },
    rearm(seconds) {
      if (armed) startTimer(seconds);
      else attention.arm(seconds);
    },
    disarm() {
      armed = false;
      clearTimeout(timer);
    },
    enable(on) {
      enabled = on;
    },
    notify(cause) {
      if (enabled && modes.has(cause)) fire(cause);
    },
    notifyFiles(notefiles) {
      const changed = notefiles.filter((notefile) => watched.has(notefile));
      if (enabled && modes.has("files") && changed.length > 0) fire(...changed, "modified");
    },
    read: () => ({
      ...(happened.size === 0 ? {} : { files: [...happened] }),
      ...(armed ? {} : { set: true }),
      ...(enabled ? {} : { off: true }),
    }),
    watchedFiles: () => (modes.has("files") ? [...watched] : []),
    stop: () => clearTimeout(timer),
  };
  return attention;
}
