/** https://docs.aws.amazon.com/general/latest/gr/iot-core.html#message-broker-limits */
const TOPIC_MAX_BYTES = 256;
const TOPIC_MAX_SLASHES = 7;
const PAYLOAD_MAX_BYTES = 128 * 1024;
const CLIENT_ID_MAX_BYTES = 128;

/** Topics of rules do not count the prefix by which a device sends to one alone. */
const BASIC_INGEST = /^\$aws\/rules\/[^/]+\//;

/** Why AWS would end the connection that sends this; undefined if it would not. */
export function reasonAgainstPublish(packet: {
  topic: string;
  payload: Buffer | string;
  qos: number;
}): string | undefined {
  if (packet.qos > 1) return "QoS 2 is not supported";
  if (Buffer.byteLength(packet.payload) > PAYLOAD_MAX_BYTES)
    return `a payload has at most ${PAYLOAD_MAX_BYTES} bytes`;
  if (packet.topic.includes("\u0000")) return "the topic has a null character";
  return reasonAgainstTopic(packet.topic.replace(BASIC_INGEST, ""));
}

export function reasonAgainstFilter(filter: { topic: string; qos: number }): string | undefined {
  if (filter.qos > 1) return "QoS 2 is not supported";
  return reasonAgainstTopic(filter.topic);
}

export function reasonAgainstClientId(clientId: string): string | undefined {
  return Buffer.byteLength(clientId) > CLIENT_ID_MAX_BYTES
    ? `a client id has at most ${CLIENT_ID_MAX_BYTES} bytes`
    : undefined;
}

function reasonAgainstTopic(topic: string): string | undefined {
  if (Buffer.byteLength(topic) > TOPIC_MAX_BYTES) return `a topic has at most ${TOPIC_MAX_BYTES} bytes`;
  if (topic.split("/").length - 1 > TOPIC_MAX_SLASHES)
    return `a topic has at most ${TOPIC_MAX_SLASHES} slashes`;
  return undefined;
}
