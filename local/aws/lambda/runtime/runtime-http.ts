import * as http from "node:http";

// What AWS's runtime client requires as `node:http`: its requests gain the secret that opens the runtime API, without
// which any user of the machine could take invocations, with the bearer tokens in them. The function does not see it.

export const { Agent } = http;

const secret = process.env.NOTEFERRY_RUNTIME_SECRET ?? "";
delete process.env.NOTEFERRY_RUNTIME_SECRET;

export function request(
  options: http.RequestOptions & { path: string },
  onResponse?: (response: http.IncomingMessage) => void,
): http.ClientRequest {
  return http.request({ ...options, path: `/${secret}${options.path}` }, onResponse);
}
