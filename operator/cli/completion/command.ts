import { buildCommand } from "@stricli/core";
import type { CliContext } from "../context.ts";

/** Prints the script that a shell takes completions by. */
export const completionCommand = buildCommand<NonNullable<unknown>, ["bash" | "zsh"], CliContext>({
  loader: async () => (await import("./script.ts")).runCompletion,
  parameters: {
    positional: {
      kind: "tuple",
      parameters: [
        {
          parse: readShell,
          placeholder: "bash|zsh",
          brief: "The shell",
          proposeCompletions: () => ["bash", "zsh"],
        },
      ],
    },
  },
  docs: {
    brief: "Print what makes a shell complete the command",
    fullDescription:
      "Prints a script. In ~/.bashrc or ~/.zshrc: source <(noteferry completion bash), or zsh.",
  },
});

function readShell(text: string): "bash" | "zsh" {
  if (text === "bash" || text === "zsh") return text;
  throw new Error("it is neither bash nor zsh");
}
