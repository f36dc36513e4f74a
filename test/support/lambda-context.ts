import type { Context } from "aws-lambda";

/** An invocation's context; `remainingMs` is what is left until the function's time-out. */
export function lambdaContext(remainingMs = 10_000): Context {
  const deadline = Date.now() + remainingMs;
  return {
    callbackWaitsForEmptyEventLoop: false,
    functionName: "file-server",
    functionVersion: "$LATEST",
    invokedFunctionArn: "arn:aws:lambda:eu-west-1:123456789012:function:file-server",
    memoryLimitInMB: "256",
    awsRequestId: "5d1a5c8e-0d0c-4f0f-8f5a-0d5f4a8f7a10",
    logGroupName: "/aws/lambda/file-server",
    logStreamName: "2026/11/21/[$LATEST]0123456789abcdef0123456789abcdef",
    getRemainingTimeInMillis: () => deadline - Date.now(),
    done: () => undefined,
    fail: () => undefined,
    succeed: () => undefined,
  };
}
