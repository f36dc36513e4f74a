import { expect, onTestFinished, test } from "vitest";
import { meteredMessages } from "../../../bench/cost/mqtt-metering.ts";
import { startByteRelay, startMqttRelay } from "../../../bench/cost/relays.ts";
import { connectDevice } from "../../local/aws/iot/support/device.ts";
import { DEVICE_POLICY, topicArn } from "../../local/aws/iot/support/device-policy.ts";
import { iotUnderTest } from "../../local/aws/iot/support/iot-under-test.ts";

const TOPIC = "noteferry/things/pump/receipts";

test("a thing that speaks through the relays is itself to the broker, and all that it says is counted", async () => {
  const { iot, tls, devices, connection, inside } = await iotUnderTest({
    policy: [...DEVICE_POLICY, { Effect: "Allow", Action: "iot:Publish", Resource: topicArn(TOPIC) }],
  });
  const options = await connection("pump");
  const { cert, key } = await devices.issue("pump");
  let metered = 0;
  const mqtt = await startMqttRelay({
    ...{ tls, clientCa: devices.certificate, port: iot.port },
    identityOf: (thing) => (thing === "pump" ? { cert, key } : undefined),
    onPacket(from, packet) {
      metered += meteredMessages(from, packet);
    },
  });
  onTestFinished(() => mqtt.close());
  const bytes = await startByteRelay(() => mqtt.port);
  onTestFinished(() => bytes.close());
  const { client, closed } = await connectDevice({ ...options, port: bytes.port }, "pump");
  onTestFinished(() => client.endAsync(true));
  const before = { metered, bytes: bytes.bytes() };
  expect(before.bytes).toBeGreaterThan(1_000); // the handshake
  await client.publishAsync(TOPIC, "x".repeat(6_000), { qos: 1 });
  expect(metered - before.metered).toBe(2);
  const sent = bytes.bytes() - before.bytes;
  expect(sent).toBeGreaterThan(6_000);
  expect(sent).toBeLessThan(6_300);
  bytes.cut();
  await closed;
  expect(inside).toEqual([]);
});
