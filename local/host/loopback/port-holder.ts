import { readdir, readFile, readlink } from "node:fs/promises";

/** Who listens on a port. `command` has at most 60 characters. */
export type PortHolder = { pid: number; command: string };

const COMMAND_MAX_CHARS = 60;

/** Address, port and state, in hexadecimal; user; and the socket's inode. */
const ROW =
  /^\s*\d+: [0-9A-F]+:([0-9A-F]{4}) [0-9A-F]+:[0-9A-F]{4} ([0-9A-F]{2}) \S+ \S+ \S+ \s*\d+\s+\d+ (\d+) /;
const LISTENING = "0A";

/** Undefined where the system does not tell: other systems than Linux, and processes of other users. */
export async function portHolder(port: number): Promise<PortHolder | undefined> {
  const tables = await Promise.all(["tcp", "tcp6"].map((name) => readText(`/proc/net/${name}`)));
  const inodes = new Set(tables.flatMap((table) => listeningInodes(table, port)));
  if (inodes.size === 0) return undefined;
  const names = await readdir("/proc").catch(() => []);
  for (const pid of names.filter((name) => /^[0-9]+$/.test(name))) {
    if (!(await holdsOne(pid, inodes))) continue;
    const command = (await readText(`/proc/${pid}/cmdline`)).replaceAll("\0", " ").trim();
    return { pid: Number(pid), command: printable(command).slice(0, COMMAND_MAX_CHARS) };
  }
  return undefined;
}

/** @param table https://docs.kernel.org/networking/proc_net_tcp.html */
export function listeningInodes(table: string, port: number): string[] {
  return table.split("\n").flatMap((line) => {
    const [, local = "", state, inode = "0"] = ROW.exec(line) ?? [];
    return state === LISTENING && Number.parseInt(local, 16) === port && inode !== "0" ? [inode] : [];
  });
}

async function holdsOne(pid: string, inodes: ReadonlySet<string>): Promise<boolean> {
  const descriptors = await readdir(`/proc/${pid}/fd`).catch(() => []);
  const links = await Promise.all(
    descriptors.map((each) => readlink(`/proc/${pid}/fd/${each}`).catch(() => "")),
  );
  return links.some((link) => inodes.has(/^socket:\[(\d+)\]$/.exec(link)?.[1] ?? ""));
}

function readText(file: string): Promise<string> {
  return readFile(file, "latin1").catch(() => "");
}

/** Anybody may name a process as he likes. */
function printable(text: string): string {
  return text.replaceAll(/[^ -~]/g, "?");
}
