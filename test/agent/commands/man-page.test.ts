import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { completionScript } from "../../../agent/commands/completion-script.ts";
import { manPage } from "../../../agent/commands/man-page.ts";
import { COMMANDS, HOST_COMMANDS } from "../../../agent/commands/setting.ts";
import { FLAGS, ROWS } from "../../../agent/commands/settings.ts";

test("the manual page has every command, option and setting, and nothing in it is a request of roff's by mistake", () => {
  const page = manPage();
  for (const name of [...Object.keys(COMMANDS), ...Object.keys(HOST_COMMANDS)])
    expect(page).toContain(`\\fB${name}\\fR`);
  for (const flag of FLAGS.keys()) expect(page).toContain(`\\fB\\-\\-${flag.replaceAll("-", "\\-")}\\fR`);
  for (const [name, { argument }] of ROWS)
    if (argument === undefined) expect(page).toContain(`\\fB${name}\\fR`);
  const requests = page.split("\n").filter((line) => /^[.']/.test(line));
  expect(requests.filter((line) => !/^\.(?:TH NOTEFERRY-AGENT 8 .*|SH [A-Z ]+|TP)$/.test(line))).toEqual([]);
});

test("bash completes commands, then options, by the script", () => {
  const complete = (word: string, at: number) => {
    const words = at === 1 ? `noteferry-agent ${word}` : `noteferry-agent run ${word}`;
    const script = `${completionScript("bash")}\nCOMP_WORDS=(${words}); COMP_CWORD=${at}; _noteferry_agent; echo "\${COMPREPLY[*]}"`;
    const ran = spawnSync("bash", ["-c", script], { encoding: "utf8" });
    expect(ran.stderr).toBe("");
    return ran.stdout.trim().split(" ");
  };
  expect(complete("re", 1)).toEqual(["retry", "recover"]);
  expect(complete("--retry", 2)).toEqual(["--retry-pause"]);
  expect(completionScript("zsh")).toContain("bashcompinit");
});
