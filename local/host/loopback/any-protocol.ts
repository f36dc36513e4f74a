/**
 * Of a TLS server: no application protocol is chosen. Node would end the handshake of a client that lists others than `http/1.1`, as
 * small clients do; AWS's servers do not, and HTTP/1.1 is what follows in any case.
 */
export const ANY_PROTOCOL: { ALPNProtocols: string[] } = { ALPNProtocols: [] };
