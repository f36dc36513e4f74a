import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

export const NAMESPACE = 'xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"';

export type Answer = { status?: number; body: string };

/** An endpoint that answers each action, as CloudFormation does, and notes what was asked. It ends with the test. */
export async function startCloudFormation(answer: (asked: URLSearchParams) => Answer) {
  const asked: URLSearchParams[] = [];
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request) text += chunk;
    const parameters = new URLSearchParams(text);
    asked.push(parameters);
    const { status = 200, body } = answer(parameters);
    response.writeHead(status, { "content-type": "text/xml" }).end(body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { asked, endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

export function failure(code: string, message: string): Answer {
  return {
    status: 400,
    body: `<ErrorResponse ${NAMESPACE}><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`,
  };
}

/** A reply of an action, from the XML within its result. */
export function result(action: string, xml: string): Answer {
  return {
    body: `<${action}Response ${NAMESPACE}><${action}Result>${xml}</${action}Result></${action}Response>`,
  };
}
