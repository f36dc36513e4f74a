/** Of requests to AWS, in milliseconds: without these one that hangs would hold the whole batch until the function's time is up. */
export const REQUEST_LIMITS = {
  connectionTimeout: 3_000,
  requestTimeout: 10_000, // until the head of the reply
  throwOnRequestTimeout: true,
  socketTimeout: 10_000, // between two pieces of a body
};
