/** How a thing reaches AWS IoT and the file-server. */
export type ThingSettings = {
  /** Its name, which is the MQTT client id too. */
  thing: string;
  /** Of AWS IoT's device data endpoint, or another broker. */
  endpoint: { host: string; port: number };
  /** PEM files: the CAs that are trusted in place of Node's own, the thing's certificate, and its private key. */
  ca?: string | undefined;
  certificate: string;
  key: string;
  /** The name that the broker's certificate has, where that is not the host. */
  sni?: string | undefined;
  /** The protocol that is asked for in the handshake. */
  alpn?: string | undefined;
  /** Bytes of file per request. */
  rangeBytes: number;
  /** Milliseconds that a connection for a download may take, with all attempts, before the delivery is put off. */
  connectMs: number;
  stage?: string | undefined;
};

/** AWS IoT takes MQTT with a client's certificate on 443 only from who asks for this. https://docs.aws.amazon.com/iot/latest/developerguide/protocols.html */
const ALPN_ON_443 = "x-amzn-mqtt-ca";

export function alpnOf({ alpn, endpoint }: Pick<ThingSettings, "alpn" | "endpoint">): string | undefined {
  return alpn ?? (endpoint.port === 443 ? ALPN_ON_443 : undefined);
}

/** For people. */
export function addressOf({ thing, endpoint: { host, port } }: ThingSettings): string {
  return `AWS IoT at ${host}:${port}, thing ${thing}`;
}
