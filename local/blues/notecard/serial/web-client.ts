const REQUEST_LINE = /^(?:GET|HEAD|POST|PUT|DELETE|OPTIONS|PATCH|CONNECT|TRACE|PRI) /;
/** The first two bytes of a TLS handshake. */
const TLS = Buffer.from([0x16, 0x03]);
const ENOUGH = "OPTIONS ".length;

/**
 * Tells HTTP and TLS from a host of the Notecard by how a connection begins. Any web page can have a browser POST lines
 * of JSON to a loopback port, and a Notecard would carry them out.
 *
 * @returns a function of the bytes as they come, true once they are a web client's; to be asked before they are used.
 */
export function createWebClientCheck(): (bytes: Buffer) => boolean {
  let opening = Buffer.alloc(0);
  return (bytes) => {
    if (opening.length >= ENOUGH) return false;
    opening = Buffer.concat([opening, bytes.subarray(0, ENOUGH - opening.length)]);
    return opening.subarray(0, TLS.length).equals(TLS) || REQUEST_LINE.test(opening.toString("latin1"));
  };
}
