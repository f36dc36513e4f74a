import type { Where } from "../../cloud/find-deployment.ts";
import { quote } from "../terminal/quote.ts";

/** A remedy whose commands lead to the deployment that was examined, so that they can be copied. */
export function forDeployment(remedy: string, { local, data, stage }: Where): string {
  const flags = [
    ...(local === true ? ["--local"] : []),
    ...(data === undefined ? [] : ["--data", quote(data)]),
    ...(stage === undefined ? [] : ["--stage", stage]),
  ];
  return remedy.replaceAll(/\bnoteferry [a-z-]+/g, (command) => [command, ...flags].join(" "));
}
