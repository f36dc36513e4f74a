import { COMMANDS, HOST_COMMANDS } from "./setting.ts";
import { FLAGS, type Flag, ROWS } from "./settings.ts";
import { VERSION } from "./version.ts";

/** The manual page, section 8, from the same tables as `--help`. https://man7.org/linux/man-pages/man7/man-pages.7.html */
export function manPage(): string {
  const commands = Object.entries({ ...COMMANDS, ...HOST_COMMANDS }).map(([name, help]) =>
    item(`\\fB${name}\\fR`, help),
  );
  const flags = [...FLAGS].map(([flag, row]) => {
    const argument = row.argument === undefined ? "" : ` \\fI${roff(row.argument)}\\fR`;
    return item(`\\fB\\-\\-${roff(flag)}\\fR${argument}`, helpOf(row));
  });
  const inFile = [...ROWS]
    .filter(([, { argument }]) => argument === undefined)
    .map(([name, row]) => item(`\\fB${roff(name)}\\fR`, helpOf(row)));
  return [
    `.TH NOTEFERRY-AGENT 8 "" "noteferry-agent ${roff(VERSION)}"`,
    ".SH NAME",
    "noteferry\\-agent \\- deliver announced files to this device, verified, and run them",
    ".SH SYNOPSIS",
    "\\fBnoteferry\\-agent\\fR \\fIcommand\\fR [\\fIoptions\\fR]",
    ".SH COMMANDS",
    ...commands,
    ".SH OPTIONS",
    ...flags,
    ".SH CONFIG FILE",
    "JSON with the options as members, in camel case without dashes; besides:",
    ...inFile,
    ".SH FILES",
    item("\\fI/etc/noteferry/agent.json\\fR", "the config file of the service"),
    item("\\fI/var/lib/noteferry\\fR", "the state of the service"),
    ".SH EXIT STATUS",
    "0 done; 1 a fault, or doctor found one; 2 a setting cannot be used; 3 a folder cannot be used; 130 interrupted.",
    "",
  ].join("\n");
}

function item(term: string, text: string): string {
  return `.TP\n${term}\n${roff(text)}`;
}

function helpOf({ help, more = [], default: value, defaultText }: Flag): string {
  const plain = typeof value === "string" || typeof value === "number" ? String(value) : undefined;
  const shown = defaultText ?? plain;
  return [help, ...more, ...(shown === undefined ? [] : [`(${shown})`])].join(" ");
}

/** Text that means nothing to roff: no escape, and no request at the beginning of a line. */
function roff(text: string): string {
  return text.replaceAll("\\", "\\e").replaceAll("-", "\\-").replace(/^[.']/, "\\&$&");
}
