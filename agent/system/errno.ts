/** The `code` of an error of the file system or of another system call; undefined for any other error. */
export function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string") return undefined;
  return /^E[A-Z0-9]+(?:_[A-Z]+)?$/.test(error.code) && !error.code.startsWith("ERR_")
    ? error.code
    : undefined;
}

/** What a system call complains of, for a person. */
const WORDS: Readonly<Record<string, string>> = {
  ...{ ENOENT: "it is not there", ENOTDIR: "a file is where a folder has to be", EISDIR: "it is a folder" },
  ...{
    EEXIST: "it is there already",
    ENOTEMPTY: "the folder is not empty",
    ELOOP: "its links lead in a circle",
  },
  ...{
    EACCES: "this user is not allowed to",
    EPERM: "this user is not allowed to",
    EROFS: "the disk is read-only",
  },
  ...{ ENOSPC: "the disk is full", EDQUOT: "the disk quota is used up", EIO: "the device fails" },
  ...{ EBUSY: "it is in use", ETXTBSY: "it is being written", ENOEXEC: "it is no program for this system" },
  ...{ ENAMETOOLONG: "the name is too long", EMFILE: "too many files are open", ENOMEM: "memory is short" },
  ...{ ENODEV: "no such device", ENXIO: "no such device", EAGAIN: "it is busy" },
  ...{
    ECONNREFUSED: "nothing listens there",
    ECONNRESET: "the other side broke off",
    EPIPE: "nobody reads it",
  },
  ...{ ETIMEDOUT: "nothing answers in time", EHOSTUNREACH: "there is no way to it", EHOSTDOWN: "it is down" },
  ...{
    ENETUNREACH: "there is no way to it",
    ENETDOWN: "the network is down",
    EADDRNOTAVAIL: "no such address",
  },
  ...{ ENOTFOUND: "nobody knows that name", EAI_AGAIN: "the name cannot be looked up at present" },
};

/** A sentence of ours for an error of the system: what, the code to search for, and where. Any other error keeps its own. */
export function sentenceOf(error: unknown): string {
  const code = errnoOf(error);
  if (code === undefined) return error instanceof Error ? error.message : String(error);
  const call =
    error instanceof Error && "syscall" in error ? String(error.syscall).split(" ", 1)[0] : undefined;
  const place = error instanceof Error && "path" in error ? `${String(error.path)}: ` : "";
  return `${place}${WORDS[code] ?? "the system refuses"} (${[code, call].filter((word) => word !== undefined).join(", ")})`;
}
