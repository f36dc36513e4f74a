import { registerHooks } from "node:module";
import { watchParent } from "../../../host/child-process/watch-parent.ts";

// Loaded before AWS's runtime client. That needs a native addon which takes a C++ compiler to build: the same three
// functions in JavaScript take its place. And its requests go to a runtime API that wants a secret. The rest of it runs
// unmodified, and so does the function: what it imports is its own.
const REPLACED: Readonly<Record<string, string>> = {
  "./rapid-client.node": new URL("./rapid-client.ts", import.meta.url).href,
  "node:http": new URL("./runtime-http.ts", import.meta.url).href,
};
const RUNTIME_CLIENT = /\/aws-lambda-ric\/index\.mjs$/;

registerHooks({
  resolve(specifier, context, nextResolve) {
    const url = RUNTIME_CLIENT.test(context.parentURL ?? "") ? REPLACED[specifier] : undefined;
    return url === undefined
      ? nextResolve(specifier, context)
      : { url, format: "module-typescript", shortCircuit: true };
  },
});

watchParent();
