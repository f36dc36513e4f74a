import { Agent, request } from "node:http";
import { connect } from "node:tls";
import { MqttClient } from "mqtt";

/**
 * What only a thing's agent needs, and no agent on a Notecard is to hold in memory: loaded with the first link, in the package a file of its own.
 * Of MQTT.js it is the client alone, over a stream of ours: its WebSockets and proxies are never loaded.
 */
export const wire = { Agent, request, connect, MqttClient };
export type Wire = typeof wire;
