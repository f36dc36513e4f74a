import { Agent, request } from "node:http";
import { connect } from "node:tls";
import { MqttClient } from "mqtt";
import packets from "mqtt-packet";

// Else it makes a buffer for each of 65,536 numbers before the first packet: 9 MB for what a thing writes a few times a day.
packets.writeToStream.cacheNumbers = false;

/**
 * What only a thing's agent needs, and no agent on a Notecard is to hold in memory: loaded with the first link, in the package a file of its own.
 * Of MQTT.js it is the client alone, over a stream of ours: its WebSockets and proxies are never loaded.
 */
export const wire = { Agent, request, connect, MqttClient };
export type Wire = typeof wire;
